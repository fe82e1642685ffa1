import { serveCommands } from '../../bench/servers/mock-protocol.ts'
import { quickenDynalite } from '../../ledger/long/quick-dynalite.ts'
import { startDynamoDbSimulator } from '../../simulators/dynamodb-simulator.ts'

/** dynalite in a process of its own, with the ledger's table in memory. */
quickenDynalite()
const { url, tableName } = await startDynamoDbSimulator()

serveCommands(url, {
  tableName: () => tableName,
  cpuMs: () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
})
