export { activationNames, parseActivation } from './activation-text.ts'
export { decodeTable } from './csv/decode.ts'
export { type Cell, encodeTable } from './csv/encode.ts'
export { type ColumnChoice, type SelectedColumns, selectColumns } from './csv/select-columns.ts'
export { InputError } from './errors.ts'
export { exactNumber } from './exact-number.ts'
export {
  modelExtensions,
  readBytes,
  readModel,
  readTable,
  tableExtensions,
  writeBytes,
  writeModel,
  writeTable,
  writtenModelExtensions
} from './files.ts'
export { type Json, type JsonArray, type JsonNumber, type JsonObject, parseJson } from './json/json.ts'
export { decodeDescription, decodeModelJson, describeNetwork, encodeModelJson } from './json/model-json.ts'
export { decodePieces, type WrittenPieces } from './json/pieces-json.ts'
export type { DecodedModel, EncodedModel, Model } from './model.ts'
export { parseNetwork } from './network-text.ts'
export { decodeOnnx, onnxOperators } from './onnx/decode.ts'
export { encodeOnnx } from './onnx/encode.ts'
export { type Precision, type RoundedParameters, roundToDoubles } from './rounding.ts'
export { decodeSafetensors } from './safetensors/decode.ts'
export { encodeSafetensors } from './safetensors/encode.ts'
export { withSuggestion } from './suggestion.ts'
export type { ArchitectureSource } from './tensors/decode.ts'
