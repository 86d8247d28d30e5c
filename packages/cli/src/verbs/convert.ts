import { type Precision, readModel, writeModel, writtenModelExtensions } from '@nadir/formats'
import { networkName, parameterCount } from '@nadir/landscape'
import { Command, Option } from 'commander'
import { modelFiles, networkHelp } from '../problem-options.ts'
import type { Verb } from '../program.ts'
import type { Answer } from '../session.ts'

interface ConvertOptions {
  readonly network?: string
  readonly precision: Precision
}

export function convertVerb(): Verb {
  const command = new Command('convert')
    .description('the same network in another file format')
    .argument('<model>', modelFiles)
    .argument('<output>', `a name ending in ${writtenModelExtensions.join(', ')}`)
    .option('--network <architecture>', networkHelp)
    .addOption(
      new Option('--precision <precision>', 'numbers of an ONNX file; ONNX Runtime runs some layers in float32 only')
        .choices(['float64', 'float32'])
        .default('float64')
    )
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', '\nExample:\n  nadir convert checkpoint.pt model.onnx --network "10-16-1 relu"')
  return { command, act: ([from, to], options) => act(from!, to!, options as unknown as ConvertOptions) }
}

async function act(from: string, to: string, options: ConvertOptions): Promise<Answer> {
  const model = await readModel(from, { network: options.network })
  const notes = [...model.notes, ...(await writeModel(to, model, { precision: options.precision }))]
  return {
    exitCode: 0,
    json: { model: to, network: networkName(model.network), parameters: parameterCount(model.network), notes },
    text: [
      `${to}: ${networkName(model.network)}, ${parameterCount(model.network)} parameters`,
      ...notes.map((note) => `  note: ${note}`),
      ''
    ].join('\n')
  }
}
