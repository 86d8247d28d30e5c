export { InputError, readModel, readTable, selectColumns, writeModel } from '@nadir/formats'
export * from '@nadir/landscape'
export { check, checkDocument } from 'nadir-checker'
