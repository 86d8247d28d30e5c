/** Bounds on what a file may ask for: far above any network that can be analysed, far below what exhausts memory. */

/** Bytes of a file. */
export const largestFile = 1 << 30
/** Bytes of a text file (JSON, CSV). */
export const largestText = 1 << 28
/** Values of a JSON document; depth of its nesting. */
export const mostJsonValues = 4_000_000
export const deepestJson = 64
/** Characters of one number: a fraction `p/q` with tens of thousands of digits is still read. */
export const longestNumber = 100_000
/** Cells of a table; characters of one cell and of one record. */
export const mostCells = 10_000_000
export const longestCell = 10_000
export const longestRecord = 10_000_000
/** Nodes of an ONNX graph: a sequential network has a few per layer. */
export const mostNodes = 20_000
/** Values of one sample at any layer. */
export const mostValues = 1 << 26
/** Bits that one tensor over its common denominator may take, as a multiple of the bits of the file, and at least. */
export const denominatorBits = { perFileBit: 64, atLeast: 1 << 27 }
/** Files in an archive. */
export const mostEntries = 100_000
/** Distinct numbers of a table that are kept: data repeat, and packed data repeat more. */
export const mostKept = 100_000
