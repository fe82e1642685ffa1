import { type Endpoint, httpHandler as unchecked } from '../../lib/http/http-handler.ts'
import { conforming } from './conforms.ts'

/** The service's own, each of whose answers is held against docs/openapi.json. */
export function httpHandler<Input extends object>(endpoint: Endpoint<Input>) {
  return conforming(endpoint.route, unchecked(endpoint))
}
