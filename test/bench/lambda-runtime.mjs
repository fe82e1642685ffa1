// What Lambda's runtime does for a function, and the clock beside it: in a process with nothing of
// this project in it, with no import that would load what a function may not need.
const fs = process.getBuiltinModule('node:fs')

const REMAINING_MS = 20_000
const UNDICI = 'NativeModule internal/deps/undici/undici'
// Monotonic and the same for every process of this machine.
const now = () => Number(process.hrtime.bigint()) / 1e6
const context = {
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  functionName: 'bench',
  getRemainingTimeInMillis: () => REMAINING_MS,
}

/** @type {import('./function-process.ts').Plan} */
const plan = JSON.parse(process.argv[2] ?? '')

const { handler } = plan.file.endsWith('.cjs')
  ? process.getBuiltinModule('node:module').createRequire(plan.file)(plan.file)
  : await import(plan.file)
const loadedAt = now()

if (plan.pauseMs > 0) {
  // Lambda gives init all of a core, and a request its memory's share.
  if (plan.cgroup !== undefined) fs.writeFileSync(`${plan.cgroup}/cgroup.procs`, `${process.pid}`)
  await new Promise((resolve) => setTimeout(resolve, plan.pauseMs))
}

const cpuBefore = process.cpuUsage()
const askedAt = now()
const first = await handler(plan.event, context)
const answeredAt = now()
const cpuAtFirst = process.cpuUsage()
const rssAfterFirst = process.memoryUsage.rss()
// @ts-expect-error -- Node has it, its types do not
const undiciLoaded = process.moduleLoadList.includes(UNDICI)
check(first)

// Later bodies come from a file, so that making them costs no variant anything.
const bodies = plan.bodies === undefined ? [] : JSON.parse(fs.readFileSync(plan.bodies, 'utf8'))
const warmMs = new Float64Array(bodies.length)
const cpuBeforeWarm = process.cpuUsage()
for (let n = 0; n < bodies.length; n++) {
  const event = bodies[n] === null ? plan.event : { ...plan.event, body: bodies[n] }
  const from = now()
  const response = await handler(event, context)
  warmMs[n] = now() - from
  check(response)
}
const cpuAfterWarm = process.cpuUsage(cpuBeforeWarm)

/** @type {import('./function-process.ts').Report} */
const report = {
  loadedAt,
  askedAt,
  answeredAt,
  cpuFirstMs: milliseconds(cpuAtFirst),
  cpuOfFirstRequestMs: milliseconds(cpuAtFirst) - milliseconds(cpuBefore),
  rssAfterFirst,
  undiciLoaded,
  warmMs: [...warmMs],
  cpuWarmMs: milliseconds(cpuAfterWarm),
  rssAfterWarm: process.memoryUsage.rss(),
}
fs.writeSync(3, JSON.stringify(report))
process.exit(0)

/** @param {{ statusCode: number, body: string }} response */
function check({ statusCode, body }) {
  if (statusCode === 200 && body.includes(plan.expected)) return
  throw new Error(`answered ${statusCode} ${body}`)
}

/** @param {NodeJS.CpuUsage} usage */
function milliseconds({ user, system }) {
  return (user + system) / 1000
}
