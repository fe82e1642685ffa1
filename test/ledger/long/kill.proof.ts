import { expect, it } from 'vitest'

import { runKills } from './kill.ts'
import { broken, endings, noMark } from './kill-properties.ts'

it('a process killed at any of 12 points, 100 times each, costs at most one hit', async () => {
  const startedAt = performance.now()
  const killed = await runKills({ seeds: 100 })
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  console.log(`${killed.length} kills in ${seconds} s`, endings(killed))
  expect(killed).toHaveLength(1200)
  expect(broken(killed)).toEqual([])
})

it('costs more where nothing is written down before it is sent', async () => {
  const killed = await runKills({ seeds: 4, steps: ['send', 'answer'], drop: noMark })
  console.log('negative control, no mark:', endings(killed))
  expect(broken(killed).filter(({ hits }) => hits > 1)).not.toEqual([])
})
