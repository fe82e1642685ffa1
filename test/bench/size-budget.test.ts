import { describe, expect, it } from 'vitest'
import { buildFunctions, partsOf, sizeFailures } from './size-budget.ts'

describe('the size of a function', () => {
  it('stays within its budget (npm run bench -- --accept-sizes where growth is meant)', async () => {
    expect(await sizeFailures(await buildFunctions())).toEqual([])
  })

  it('is named by package and folder where it has grown, and what must not ship is named', async () => {
    const built = await buildFunctions()
    const { getUsage } = built
    const output = Object.entries(getUsage.metafile.outputs).find(
      ([, { entryPoint }]) => entryPoint !== undefined,
    )
    if (!output) throw new Error('no output')
    const [file, { inputs, ...rest }] = output
    const more = { ...inputs, 'node_modules/zod/v4/core/api.js': { bytesInOutput: 90_000 } }
    const metafile = {
      ...getUsage.metafile,
      outputs: { [file]: { ...rest, inputs: more } },
    }
    const swollen = { ...getUsage, bytes: getUsage.bytes + 90_000, metafile }

    const failures = await sizeFailures({ ...built, getUsage: swollen })
    expect(partsOf(metafile)['zod']).toBe(90_000)
    expect(failures).toEqual([
      expect.stringMatching(/^getUsage has \d+ bytes of \d+; grown: zod \+90000/),
      'getUsage must not hold zod',
    ])
  })
})
