import { readFile, writeFile } from 'node:fs/promises'
import { drawDashboard } from './draw-dashboard.mjs'
import { alarming } from './sample-data.mjs'

const TEMPLATE = '.serverless/cloudformation-template-update-stack.json'
const PICTURE = 'docs/images/dashboard.svg'

const template = JSON.parse(await readFile(TEMPLATE, 'utf8'))
await writeFile(PICTURE, drawDashboard(template, { alarming }))
console.log(`${PICTURE} shows the dashboard of ${TEMPLATE}.`)
