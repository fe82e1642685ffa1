import { quickenDynalite } from '../../ledger/long/quick-dynalite.ts'

quickenDynalite()
