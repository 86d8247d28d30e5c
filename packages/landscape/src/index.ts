export * from './data/table.ts'
export * from './network/activation.ts'
export * from './network/network.ts'
export * from './point.ts'
