import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { pepperReader as PepperReader } from '../../lib/config/peppers.ts'
import {
  startSecretsManagerSimulator,
  type SecretsManagerSimulator,
} from '../simulators/secrets-manager-simulator.ts'
import { stubAws } from '../support/stub-aws.ts'

// So short that a test's leaps stay below the minutes at which the AWS SDK sees a skewed clock.
const TTL_SECONDS = 10
const KEPT_SECONDS = 60
const OLD = 'an-old-pepper-of-thirty-two-chars'
const NEW = 'a-new-pepper-of-thirty-two-chars-'

let secretsManager: SecretsManagerSimulator
let pepperReader: typeof PepperReader
let secretId = ''
let serial = 0

const set = (pepper: unknown) => secretsManager.set(secretId, JSON.stringify({ pepper }))
const reader = () => pepperReader(secretId, TTL_SECONDS, KEPT_SECONDS)
const peppers = async (from = reader()) => (await from.current()).value
const travel = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

beforeAll(async () => {
  secretsManager = await startSecretsManagerSimulator({ secrets: {} })
  stubAws(secretsManager.url)
  // The module makes its client when it is loaded, from that environment.
  ;({ pepperReader } = await import('../../lib/config/peppers.ts'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await secretsManager.close()
})
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.setSystemTime(Date.now())
  secretId = `fingerprint-${(serial += 1)}`
  secretsManager.fail(undefined)
  secretsManager.delayMs = 0
  secretsManager.reads.length = 0
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('pepperReader', () => {
  it('reads the only pepper', async () => {
    set(OLD)
    expect(await peppers()).toEqual([OLD])
  })

  it.each([
    ['31 characters', 'x'.repeat(31)],
    ['31 characters of 62 code units', '𠮷'.repeat(31)],
    ['none', ''],
    ['a number', 1e32],
    ['a list', ['x'.repeat(32)]],
    ['a list of 32', Array.from({ length: 32 }, () => 'x')],
    ['nothing', undefined],
  ])('refuses a pepper of %s', async (_, pepper) => {
    set(pepper)
    await expect(peppers()).rejects.toMatchObject({
      code: 'credentials_unavailable',
      facts: { retryable: false },
    })
  })

  it.each(['x'.repeat(32), '𠮷'.repeat(32)])('takes 32 characters: %s', async (pepper) => {
    set(pepper)
    expect(await peppers()).toEqual([pepper])
  })

  it('stands the pepper before the current one behind it, while what it made may be kept', async () => {
    set(OLD)
    travel(1000)
    set(NEW)
    expect(await peppers()).toEqual([NEW, OLD])
    travel(KEPT_SECONDS + TTL_SECONDS - 1)
    expect(await peppers()).toEqual([NEW, OLD])
    travel(2)
    expect(await peppers()).toEqual([NEW])
  })

  it('does without it from the very millisecond on', async () => {
    vi.setSystemTime(Math.ceil(Date.now() / 1000) * 1000)
    set(OLD)
    set(NEW)
    travel(KEPT_SECONDS + TTL_SECONDS)
    expect(await peppers()).toEqual([NEW])
  })

  it('sees a rotation when its TTL is over', async () => {
    set(OLD)
    const running = reader()
    expect(await peppers(running)).toEqual([OLD])
    set(NEW)
    travel(TTL_SECONDS - 1)
    expect(await peppers(running)).toEqual([OLD])
    travel(2)
    expect(await peppers(running)).toEqual([NEW, OLD])
  })

  it('has one pepper where a rotation has kept it', async () => {
    set(OLD)
    set(OLD)
    expect(await peppers()).toEqual([OLD])
  })

  it('goes without a pepper before that is unfit', async () => {
    set('short')
    set(NEW)
    expect(await peppers()).toEqual([NEW])
  })

  it('goes on with the known ones while Secrets Manager fails, or holds an unfit one', async () => {
    set(OLD)
    const running = reader()
    expect(await peppers(running)).toEqual([OLD])
    travel(TTL_SECONDS + 1)
    secretsManager.fail('denied')
    expect(await peppers(running)).toEqual([OLD])
    secretsManager.fail(undefined)
    set('short')
    travel(TTL_SECONDS + 60)
    expect(await peppers(running)).toEqual([OLD])
  })

  it('has none where Secrets Manager fails from the start', async () => {
    set(OLD)
    secretsManager.fail('denied')
    await expect(peppers()).rejects.toMatchObject({ code: 'credentials_unavailable' })
  })

  it('does not take a failure to read the one before for its absence', async () => {
    set(OLD)
    set(NEW)
    const running = reader()
    secretsManager.delayMs = 200
    const first = peppers(running)
    await expect.poll(() => secretsManager.reads.length).toBeGreaterThan(0)
    secretsManager.fail('denied')
    await expect(first).rejects.toMatchObject({ code: 'credentials_unavailable' })
  })
})
