declare module 'dynalite' {
  import type { Server } from 'node:http'
  import type { AddressInfo } from 'node:net'
  type Dynalite = Omit<Server, 'address'> & { address(): AddressInfo }
  export default function dynalite(options: { createTableMs?: number }): Dynalite
}
