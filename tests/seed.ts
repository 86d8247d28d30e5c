import fc from 'fast-check'

// Every property of the run draws from the seed that the run has printed.
fc.configureGlobal({ seed: Number(process.env['NADIR_SEED']) })
