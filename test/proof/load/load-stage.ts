import type { Artifact, FunctionName, PackagedFunction } from '../../bundle/artifact.ts'
import { postEvent } from '../../bundle/api-event.ts'
import { type LambdaResponse, settingsOf } from '../../bundle/function-process.ts'
import { type Mock, startMock } from '../../bench/servers/mock-protocol.ts'
import { inventedPerson } from '../../ledger/long/invented-person.ts'
import { type Spoil, startStoreProxy } from '../../ledger/long/store-proxy.ts'
import { startSecretsManagerSimulator } from '../../simulators/secrets-manager-simulator.ts'
import {
  databaoCredentials,
  fingerprintPepper,
  juheCredentials,
  type Simulators,
} from '../../simulators/start-simulators.ts'
import { Fleet } from './fleet.ts'

const PROVIDER_LATENCY_MS = 20
const UNLIMITED = '1000000000'
const secrets = {
  'load/databao': JSON.stringify(databaoCredentials),
  'load/juhe': JSON.stringify(juheCredentials),
  'load/fingerprint': JSON.stringify({ pepper: fingerprintPepper }),
}
const functions = ['verifyThreeElement', 'verifyTwoElement'] as const

export type LoadStage = Awaited<ReturnType<typeof openLoadStage>>

type Options = {
  /** Environments of each of the two functions. */
  size: number
  /** Another build of a function, for controls. */
  change?: (fn: PackagedFunction) => Promise<PackagedFunction>
  /** What the store does in place of an operation, for controls. */
  spoil?: Spoil
}

/** Both verifying functions, a store, a provider that takes 20 ms: each in processes of its own. */
export async function openLoadStage(artifact: Artifact, { size, change, spoil }: Options) {
  const [store, provider, secretsManager] = await Promise.all([
    startMock(new URL('store.ts', import.meta.url), {}),
    startMock(new URL('provider-stub.ts', import.meta.url), {
      latencyMs: PROVIDER_LATENCY_MS,
      openId: juheCredentials.openId,
    }),
    startSecretsManagerSimulator({ secrets }),
  ])
  const proxy = spoil && (await startStoreProxy(store.url, spoil))
  const environment = {
    DATABAO_BASE_URL: provider.url,
    JUHE_BASE_URL: provider.url,
    DATABAO_SECRET_ID: 'load/databao',
    JUHE_SECRET_ID: 'load/juhe',
    FINGERPRINT_SECRET_ID: 'load/fingerprint',
    LEDGER_TABLE: await store.ask<string>('tableName'),
    PROVIDER_DAILY_LIMIT: UNLIMITED,
    CALLER_DAILY_LIMIT: UNLIMITED,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
    AWS_ENDPOINT_URL_DYNAMODB: (proxy ?? store).url,
  }
  const start = async (name: FunctionName) => {
    const fn = change ? await change(artifact.fn(name)) : artifact.fn(name)
    return Fleet.start(fn, settingsOf(fn, { environment } as unknown as Simulators), size)
  }
  const [three, two] = functions
  const fleets = [await start(three), await start(two)] as const

  return {
    environments: size * functions.length,
    /** Asks about one person, always through the same function; nothing where it is at its limit. */
    verify(person: number): Promise<LambdaResponse> | undefined {
      const isThree = isThreeElement(person)
      const event = postEvent(isThree ? 'three-element' : 'two-element', bodyOf(person))
      return fleets[isThree ? 0 : 1].invoke(event)
    },
    /** Any event, to the first function. */
    invoke: (event: unknown) => fleets[0].invoke(event),
    /** How often the provider was asked about each card since the last time. */
    takeHits: () => provider.ask<Record<string, number>>('takeHits'),
    confuseProvider: () => provider.ask('confuse', true),
    samples: async () => (await Promise.all(fleets.map((fleet) => fleet.samples()))).flat(),
    /** Milliseconds of CPU that each part has used so far. */
    async cpu(): Promise<Record<'dynalite' | 'functions' | 'provider' | 'callers', number>> {
      const samples = await Promise.all(fleets.map((fleet) => fleet.samples()))
      const { user, system } = process.cpuUsage()
      return {
        dynalite: await cpuOf(store),
        functions: samples.flat().reduce((sum, { cpuMs }) => sum + cpuMs, 0),
        provider: await cpuOf(provider),
        callers: (user + system) / 1000,
      }
    },
    async close(): Promise<void> {
      for (const fleet of fleets) fleet.stop()
      await proxy?.close()
      await secretsManager.close()
      store.stop()
      provider.stop()
    },
  }
}

const cpuOf = (mock: Mock) => mock.ask<number>('cpuMs')

const isThreeElement = (person: number) => person % 2 === 0

/** Every third has a card that is another's. */
export const verdictOf = (person: number) => (person % 3 === 0 ? 'mismatch' : 'match')
export const personOf = (person: number) => inventedPerson(person, verdictOf(person))
export const referenceOf = (person: number) => `load-${person}`

function bodyOf(number: number) {
  const { name, idNumber, cardNumber } = personOf(number)
  const reference = referenceOf(number)
  return isThreeElement(number)
    ? { name, idNumber, cardNumber, reference }
    : { name, cardNumber, reference }
}
