/**
 * Complete lists of critical realization functions at width one, derived independently of this code with a computer
 * algebra system to 20 digits. Entries: form, kink, c, coefficient V (for a line: its slope), risk, type, global.
 * A left kink has the function c + V max(q - x, 0); a line's c is its value at the left end.
 */
export interface ReferenceList {
  readonly name: string
  readonly breakpoints: readonly string[]
  readonly pieces: readonly string[]
  readonly critical: readonly (readonly [
    form: string,
    kink: string | null,
    c: string,
    coefficient: string,
    risk: string,
    type: string,
    global: boolean
  ])[]
  readonly flatKinks: { readonly right: readonly string[]; readonly left: readonly string[] }
}

export const referenceLists: readonly ReferenceList[] = [
  {
    name: 'absolute value',
    breakpoints: ['-1', '0', '1'],
    pieces: ['-x', 'x'],
    critical: [
      ['constant', null, '1/2', '0', '0.16666666666666666667', 'local-minimum', false],
      [
        'right-kink',
        '0.4142135623730950488',
        '0.4142135623730950488',
        '1',
        '0.11438191683587326826',
        'local-minimum',
        true
      ],
      [
        'left-kink',
        '-0.4142135623730950488',
        '0.4142135623730950488',
        '1',
        '0.11438191683587326826',
        'local-minimum',
        true
      ]
    ],
    flatKinks: { right: [], left: [] }
  },
  {
    name: 'rectifier',
    breakpoints: ['-1', '0', '1'],
    pieces: ['0', 'x'],
    critical: [
      ['constant', null, '1/4', '0', '0.20833333333333333333', 'local-minimum', false],
      ['affine', null, '-1/4', '1/2', '0.041666666666666666667', 'local-minimum', false],
      ['right-kink', '0', '0', '1', '0', 'local-minimum', true]
    ],
    flatKinks: { right: [], left: [] }
  },
  {
    name: 'zigzag',
    breakpoints: ['0', '1', '2', '3', '4'],
    pieces: ['2*x', '4 - 2*x', '2*x - 4', '11 - 3*x'],
    critical: [
      ['constant', null, '7/8', '0', '1.9375', 'local-minimum', false],
      ['affine', null, '19/16', '-5/32', '1.8072916666666666667', 'local-minimum', false],
      [
        'right-kink',
        '1.1867284072854128497',
        '1.1279660183962737829',
        '-0.25569889448016672898',
        '1.7082106507615294391',
        'local-minimum',
        false
      ],
      [
        'right-kink',
        '1.8784072576483380235',
        '1.0568609107126118998',
        '-0.32322526965362066615',
        '1.737229420753477079',
        'saddle',
        false
      ],
      [
        'right-kink',
        '3.3166247903553998491',
        '1.0501256289338004527',
        '-3',
        '1.1027638365436099584',
        'local-minimum',
        true
      ],
      [
        'left-kink',
        '2.684358845251948499',
        '0.78414464856337188281',
        '0.10086938102322130539',
        '1.904916463420943439',
        'saddle',
        false
      ],
      [
        'left-kink',
        '2.1333070179694396743',
        '0.794040184019842938',
        '0.14231568752700102328',
        '1.8981722406507954801',
        'local-minimum',
        false
      ],
      [
        'left-kink',
        '0.464466094067262378',
        '0.92893218813452475599',
        '-2',
        '1.8155364689087459332',
        'local-minimum',
        false
      ]
    ],
    flatKinks: { right: [], left: ['1.3645318153771098836'] }
  },
  {
    name: 'parabola',
    breakpoints: ['0', '1'],
    pieces: ['x**2'],
    critical: [
      ['constant', null, '1/3', '0', '0.088888888888888888889', 'local-minimum', false],
      ['affine', null, '-1/6', '1', '0.0055555555555555555556', 'local-minimum', false],
      [
        'right-kink',
        '1/3',
        '0.037037037037037037037',
        '1.3333333333333333333',
        '0.0010973936899862825789',
        'local-minimum',
        true
      ]
    ],
    flatKinks: { right: [], left: [] }
  }
]
