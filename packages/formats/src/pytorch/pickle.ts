import { InputError } from '../errors.ts'

/**
 * What a pickle describes, as inert records: a class or function is its name, a call of it the name with the arguments.
 * Nothing is looked up and nothing runs.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleList
  | PickleDictionary
  | PickleGlobal
  | PickleCall
  | PicklePersistent
export interface PickleList {
  readonly kind: 'list'
  readonly items: PickleValue[]
}
export interface PickleDictionary {
  readonly kind: 'dictionary'
  readonly entries: Map<PickleValue, PickleValue>
}
export interface PickleGlobal {
  readonly kind: 'global'
  readonly name: string
}
export interface PickleCall {
  readonly kind: 'call'
  readonly of: string
  readonly given: readonly PickleValue[]
}
/** A thing kept outside the pickle, by whatever names it. */
export interface PicklePersistent {
  readonly kind: 'persistent'
  readonly id: PickleValue
}

const opcodes = new Map(
  Object.entries({
    MARK: 0x28,
    STOP: 0x2e,
    POP: 0x30,
    POP_MARK: 0x31,
    DUP: 0x32,
    FLOAT: 0x46,
    INT: 0x49,
    BININT: 0x4a,
    BININT1: 0x4b,
    LONG: 0x4c,
    BININT2: 0x4d,
    NONE: 0x4e,
    BINPERSID: 0x51,
    REDUCE: 0x52,
    BINSTRING: 0x54,
    SHORT_BINSTRING: 0x55,
    UNICODE: 0x56,
    BINUNICODE: 0x58,
    APPEND: 0x61,
    BUILD: 0x62,
    GLOBAL: 0x63,
    DICT: 0x64,
    EMPTY_DICT: 0x7d,
    APPENDS: 0x65,
    GET: 0x67,
    BINGET: 0x68,
    LONG_BINGET: 0x6a,
    LIST: 0x6c,
    EMPTY_LIST: 0x5d,
    PUT: 0x70,
    BINPUT: 0x71,
    LONG_BINPUT: 0x72,
    SETITEM: 0x73,
    TUPLE: 0x74,
    EMPTY_TUPLE: 0x29,
    SETITEMS: 0x75,
    BINFLOAT: 0x47,
    BINBYTES: 0x42,
    SHORT_BINBYTES: 0x43,
    PROTO: 0x80,
    NEWOBJ: 0x81,
    TUPLE1: 0x85,
    TUPLE2: 0x86,
    TUPLE3: 0x87,
    NEWTRUE: 0x88,
    NEWFALSE: 0x89,
    LONG1: 0x8a,
    LONG4: 0x8b,
    SHORT_BINUNICODE: 0x8c,
    BINUNICODE8: 0x8d,
    BINBYTES8: 0x8e,
    EMPTY_SET: 0x8f,
    ADDITEMS: 0x90,
    FROZENSET: 0x91,
    STACK_GLOBAL: 0x93,
    MEMOIZE: 0x94,
    FRAME: 0x95
  }).map(([name, code]) => [code, name] as const)
)

const longestInteger = 1024
const isDictionaryClass = (name: string): boolean =>
  name === 'collections.OrderedDict' || name === 'collections.defaultdict' || name === 'builtins.dict'

/**
 * The value that the pickle at byte `start` describes (protocols 0 to 5), and the byte after it. Every opcode takes time
 * and memory in proportion to its bytes. `allowed` says which globals may be named at all.
 * @throws InputError with the byte, for any other global and for opcodes that state dictionaries do not need
 */
export function unpickle(
  bytes: Uint8Array,
  start: number,
  where: string,
  allowed: (global: string) => boolean
): { readonly value: PickleValue; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = new TextDecoder('utf-8', { fatal: true })
  const stack: PickleValue[] = []
  const marks: number[] = []
  const memo = new Map<number, PickleValue>()
  let at = start
  let opcodeAt = start
  let copies = bytes.length

  const fail: (message: string) => never = (message) => {
    throw new InputError(`${where}: byte ${opcodeAt}: ${message}`)
  }
  const take = (length: number): number => {
    const from = at
    if (!(length >= 0 && length <= bytes.length - at)) fail(`the pickle ends too early (${length} bytes are missing)`)
    at += length
    return from
  }
  const unsigned = (size: 1 | 2 | 4 | 8): number => {
    const from = take(size)
    if (size === 8) return Number(view.getBigUint64(from, true))
    return size === 4 ? view.getUint32(from, true) : size === 2 ? view.getUint16(from, true) : bytes[from]
  }
  const block = (length: number): Uint8Array => {
    const from = take(length)
    return bytes.subarray(from, from + length)
  }
  const string = (length: number): string => {
    try {
      return text.decode(block(length))
    } catch (error) {
      if (error instanceof InputError) throw error
      return fail('a string is not UTF-8')
    }
  }
  const line = (): string => {
    const end = bytes.indexOf(0x0a, at)
    if (end < 0) fail('a line has no end')
    const found = string(end - at)
    at++
    return found.replace(/\r$/, '')
  }
  const push = (value: PickleValue): void => {
    stack.push(value)
  }
  const pop = (): PickleValue => {
    if (stack.length <= (marks.at(-1) ?? 0)) fail('takes from an empty stack')
    return stack.pop()!
  }
  const top = (): PickleValue => {
    if (stack.length <= (marks.at(-1) ?? 0)) fail('looks at an empty stack')
    return stack.at(-1)!
  }
  const sinceMark = (): PickleValue[] => {
    const mark = marks.pop()
    return mark === undefined ? fail('there is no mark') : stack.splice(mark)
  }
  const list = (items: PickleValue[]): PickleList => ({ kind: 'list', items })
  const remember = (key: number): void => {
    memo.set(key, top())
  }
  const recall = (key: number): void => {
    const value = memo.get(key)
    push(value === undefined ? fail(`nothing is remembered as ${key}`) : value)
  }
  const whole = (value: bigint): number | bigint =>
    value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value
  const littleEndian = (length: number): number | bigint => {
    if (length > longestInteger) fail(`an integer of ${length} bytes is too long`)
    let value = 0n
    for (const [k, byte] of block(length).entries()) value |= BigInt(byte) << BigInt(8 * k)
    return whole(BigInt.asIntN(8 * length, value))
  }
  const decimal = (digits: string): number | bigint =>
    /^[+-]?\d{1,1000}$/.test(digits) ? whole(BigInt(digits)) : fail(`"${digits.slice(0, 40)}" is not an integer`)
  const global = (name: string): PickleGlobal => {
    const modern = name.replace(/^__builtin__\./, 'builtins.')
    if (!allowed(modern))
      fail(`refers to ${name}, which a file of parameters has no need of; it is not read (and nothing was run)`)
    return { kind: 'global', name: modern }
  }
  const call = (callable: PickleValue, given: PickleValue): void => {
    if (callable === null || typeof callable !== 'object' || !('kind' in callable) || callable.kind !== 'global')
      fail('calls something that is no class or function')
    if (!isList(given)) fail('calls without a list of arguments')
    push(
      isDictionaryClass(callable.name)
        ? dictionaryOf(given.items)
        : { kind: 'call', of: callable.name, given: given.items }
    )
  }
  const dictionaryOf = (given: readonly PickleValue[]): PickleDictionary => {
    const argument = given.find((value) => isList(value) || isDictionary(value))
    if (isDictionary(argument)) return argument
    const entries = new Map<PickleValue, PickleValue>()
    for (const pair of argument?.items ?? []) {
      if (!isList(pair) || pair.items.length !== 2) return fail('makes a dictionary of what are no pairs')
      // The same list may be named again and again.
      if (--copies < 0) fail('copies its lists too often')
      entries.set(pair.items[0], pair.items[1])
    }
    return { kind: 'dictionary', entries }
  }
  const setItems = (items: readonly PickleValue[]): void => {
    const into = top()
    if (!isDictionary(into)) fail('sets entries of what is no dictionary')
    if (items.length % 2 !== 0) fail('sets a key without a value')
    for (let k = 0; k < items.length; k += 2) into.entries.set(items[k], items[k + 1])
  }
  const append = (items: readonly PickleValue[]): void => {
    const into = top()
    if (!isList(into)) fail('appends to what is no list')
    for (const item of items) into.items.push(item)
  }

  /** One opcode; false when it was the last. */
  const step = (): boolean => {
    opcodeAt = at
    const code = bytes[take(1)]
    switch (opcodes.get(code)) {
      case 'STOP':
        return false
      case 'PROTO':
        if (unsigned(1) > 5) fail('a pickle protocol after 5 is not known')
        return true
      case 'FRAME':
        unsigned(8)
        return true
      case 'MARK':
        marks.push(stack.length)
        return true
      case 'POP':
        if (marks.length > 0 && marks.at(-1) === stack.length) marks.pop()
        else pop()
        return true
      case 'POP_MARK':
        sinceMark()
        return true
      case 'DUP':
        push(top())
        return true
      case 'NONE':
        push(null)
        return true
      case 'NEWTRUE':
      case 'NEWFALSE':
        push(code === 0x88)
        return true
      case 'INT': {
        const digits = line()
        push(digits === '00' || digits === '01' ? digits === '01' : decimal(digits))
        return true
      }
      case 'LONG':
        push(decimal(line().replace(/L$/, '')))
        return true
      case 'BININT':
        push(view.getInt32(take(4), true))
        return true
      case 'BININT1':
        push(unsigned(1))
        return true
      case 'BININT2':
        push(unsigned(2))
        return true
      case 'LONG1':
        push(littleEndian(unsigned(1)))
        return true
      case 'LONG4':
        push(littleEndian(unsigned(4)))
        return true
      case 'FLOAT':
        push(Number(line()))
        return true
      case 'BINFLOAT':
        push(view.getFloat64(take(8)))
        return true
      case 'BINSTRING':
      case 'BINUNICODE':
        push(string(unsigned(4)))
        return true
      case 'SHORT_BINSTRING':
      case 'SHORT_BINUNICODE':
        push(string(unsigned(1)))
        return true
      case 'BINUNICODE8':
        push(string(unsigned(8)))
        return true
      case 'UNICODE':
        push(line())
        return true
      case 'BINBYTES':
        push(block(unsigned(4)))
        return true
      case 'SHORT_BINBYTES':
        push(block(unsigned(1)))
        return true
      case 'BINBYTES8':
        push(block(unsigned(8)))
        return true
      case 'EMPTY_LIST':
      case 'EMPTY_TUPLE':
      case 'EMPTY_SET':
        push(list([]))
        return true
      case 'LIST':
      case 'TUPLE':
      case 'FROZENSET':
        push(list(sinceMark()))
        return true
      case 'TUPLE1':
      case 'TUPLE2':
      case 'TUPLE3': {
        const items = Array.from({ length: code - 0x84 }, pop)
        push(list(items.reverse()))
        return true
      }
      case 'APPEND': {
        const item = pop()
        append([item])
        return true
      }
      case 'APPENDS':
      case 'ADDITEMS':
        append(sinceMark())
        return true
      case 'EMPTY_DICT':
        push({ kind: 'dictionary', entries: new Map() })
        return true
      case 'DICT': {
        const items = sinceMark()
        push({ kind: 'dictionary', entries: new Map() })
        setItems(items)
        return true
      }
      case 'SETITEM': {
        const value = pop()
        const key = pop()
        setItems([key, value])
        return true
      }
      case 'SETITEMS':
        setItems(sinceMark())
        return true
      case 'GET':
        recall(Number(decimal(line())))
        return true
      case 'BINGET':
        recall(unsigned(1))
        return true
      case 'LONG_BINGET':
        recall(unsigned(4))
        return true
      case 'PUT':
        remember(Number(decimal(line())))
        return true
      case 'BINPUT':
        remember(unsigned(1))
        return true
      case 'LONG_BINPUT':
        remember(unsigned(4))
        return true
      case 'MEMOIZE':
        remember(memo.size)
        return true
      case 'GLOBAL': {
        const module = line()
        push(global(`${module}.${line()}`))
        return true
      }
      case 'STACK_GLOBAL': {
        const [name, module] = [pop(), pop()]
        if (typeof name !== 'string' || typeof module !== 'string') fail('a global has no name')
        push(global(`${module as string}.${name as string}`))
        return true
      }
      case 'REDUCE':
      case 'NEWOBJ': {
        const given = pop()
        call(pop(), given)
        return true
      }
      case 'BUILD':
        // Attributes of a dictionary (versions of modules), of a parameter (none): nothing that counts.
        pop()
        top()
        return true
      case 'BINPERSID':
        push({ kind: 'persistent', id: pop() })
        return true
      default:
        return fail(`opcode 0x${code.toString(16).padStart(2, '0')} is none that a file of parameters needs`)
    }
  }
  while (step());
  if (stack.length !== 1 || marks.length > 0) fail(`the pickle leaves ${stack.length} values, expected one`)
  return { value: stack[0], end: at }
}

export const isList = (value: PickleValue | undefined): value is PickleList => kindOf(value) === 'list'
export const isDictionary = (value: PickleValue | undefined): value is PickleDictionary =>
  kindOf(value) === 'dictionary'
export const isCall = (value: PickleValue | undefined): value is PickleCall => kindOf(value) === 'call'
export const isGlobal = (value: PickleValue | undefined): value is PickleGlobal => kindOf(value) === 'global'
export const isPersistent = (value: PickleValue | undefined): value is PicklePersistent =>
  kindOf(value) === 'persistent'
const kindOf = (value: PickleValue | undefined): string | undefined =>
  typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
