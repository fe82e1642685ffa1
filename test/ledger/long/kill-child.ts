import { type CallOptions, loadHandler, type Route } from './handler-call.ts'

const call = await loadHandler(process.env['PROOF_ROUTE'] as Route)

process.on(
  'message',
  (options: CallOptions) => void call(options).then((outcome) => process.send?.(outcome)),
)
process.send?.('ready')
