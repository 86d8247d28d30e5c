import { modelExtensions, readModel, writeModel, writtenModelExtensions } from '@nadir/formats'
import { networkName, parameterCount } from '@nadir/landscape'
import { Command } from 'commander'
import type { Verb } from '../program.ts'
import type { Answer } from '../session.ts'

export function convertVerb(): Verb {
  const command = new Command('convert')
    .description('the same network in another file format')
    .argument('<model>', modelExtensions.join(', '))
    .argument('<output>', `a name ending in ${writtenModelExtensions.join(', ')}`)
    .option(
      '--network <architecture>',
      'for files that hold tensors only: "10-16-1 relu" (or NAME.json beside the file says more)'
    )
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', '\nExample:\n  nadir convert checkpoint.pt model.onnx --network "10-16-1 relu"')
  return { command, act: ([from, to], options) => act(from!, to!, options as { network?: string }) }
}

async function act(from: string, to: string, options: { network?: string }): Promise<Answer> {
  const model = await readModel(from, { network: options.network })
  const notes = [...model.notes, ...(await writeModel(to, model))]
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
