/** Which requests a variant answers, and so which mocks it must have asked how often. */
export type Kind = 'none' | 'databao' | 'juhe' | 'record'

/** Requests to the mocks: for all of a process, and for each request it answers. */
type ExpectedCalls = { secrets: number; provider: number; store: number }

export type Variant = {
  name: string
  title: string
  kind: Kind
  /** How it is built; see build-variants.ts. */
  build:
    | { how: 'artifact' | 'artifact-without-store'; entry: string }
    | { how: 'plain-cjs' | 'plain-esm'; entry: URL }
  calls: ExpectedCalls
}

const ours = (handler: string) => ({ how: 'artifact' as const, entry: `handlers/${handler}.ts` })

/**
 * A request's calls to the store, as docs/ledger.md lists them: hold, three or four places, mark,
 * record and count; then verdict, suspicion, record and count. Where one is saved, say so here.
 */
export const variants = [
  {
    name: 'empty',
    title: 'empty handler',
    kind: 'none',
    build: { how: 'plain-esm', entry: new URL('variants/empty.ts', import.meta.url) },
    calls: { secrets: 0, provider: 0, store: 0 },
  },
  {
    name: 'bare',
    title: 'bare: `node:https`, JSON',
    kind: 'databao',
    build: { how: 'plain-esm', entry: new URL('variants/bare.ts', import.meta.url) },
    calls: { secrets: 0, provider: 1, store: 0 },
  },
  {
    name: 'bare-again',
    title: 'bare, second copy (control)',
    kind: 'databao',
    build: { how: 'plain-esm', entry: new URL('variants/bare.ts', import.meta.url) },
    calls: { secrets: 0, provider: 1, store: 0 },
  },
  {
    name: 'verifyThreeElement',
    title: '**verifyThreeElement**',
    kind: 'databao',
    build: ours('verify-three-element'),
    calls: { secrets: 2, provider: 1, store: 12 },
  },
  {
    name: 'verifyTwoElement',
    title: '**verifyTwoElement**',
    kind: 'juhe',
    build: ours('verify-two-element'),
    calls: { secrets: 2, provider: 1, store: 11 },
  },
  {
    name: 'getVerification',
    title: '**getVerification**',
    kind: 'record',
    build: ours('get-verification'),
    calls: { secrets: 0, provider: 0, store: 1 },
  },
  {
    name: 'without-store',
    title: 'verifyThreeElement, store stubbed out',
    kind: 'databao',
    build: { how: 'artifact-without-store', entry: 'handlers/verify-three-element.ts' },
    calls: { secrets: 2, provider: 1, store: 0 },
  },
  {
    name: 'hono',
    title: 'Hono, zod, AWS SDK, fetch; no ledger',
    kind: 'databao',
    build: { how: 'plain-cjs', entry: new URL('variants/hono.ts', import.meta.url) },
    calls: { secrets: 1, provider: 1, store: 0 },
  },
  {
    name: 'express',
    title: 'Express, serverless-http, axios, zod, AWS SDK; no ledger',
    kind: 'databao',
    build: { how: 'plain-cjs', entry: new URL('variants/express.ts', import.meta.url) },
    calls: { secrets: 1, provider: 1, store: 0 },
  },
] as const satisfies readonly Variant[]

export type VariantName = (typeof variants)[number]['name']

export function variantOf(name: VariantName): Variant & { name: VariantName } {
  const found = variants.find((variant) => variant.name === name)
  if (!found) throw new Error(`no variant ${name}`)
  return found
}

/** The functions that ship, as serverless.yml names them. */
export const shipped = {
  verifyThreeElement: 'handlers/verify-three-element.ts',
  verifyTwoElement: 'handlers/verify-two-element.ts',
  getVerification: 'handlers/get-verification.ts',
  listVerifications: 'handlers/list-verifications.ts',
  getUsage: 'handlers/get-usage.ts',
} as const
export type FunctionName = keyof typeof shipped
