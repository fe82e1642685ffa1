import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const V1 = '/sys/fs/cgroup/cpu'
const V2 = '/sys/fs/cgroup'

/**
 * A cgroup that gives its processes `cores` of a core, counted in periods of `periodMs`; needs root
 * and a writable cgroup (v1 or v2). `undefined` where there is none.
 */
export function cpuQuota(cores: number, periodMs: number) {
  const period = periodMs * 1000
  const quota = Math.round(period * cores)
  for (const [root, files] of [
    [V2, { 'cpu.max': `${quota} ${period}` }],
    [V1, { 'cpu.cfs_period_us': String(period), 'cpu.cfs_quota_us': String(quota) }],
  ] as const) {
    const cgroup = path.join(root, `bankcard-verify-bench-${process.pid}-${periodMs}`)
    try {
      if (!existsSync(path.join(root, 'cgroup.procs'))) continue
      mkdirSync(cgroup, { recursive: true })
      for (const [file, value] of Object.entries(files)) {
        writeFileSync(path.join(cgroup, file), value)
      }
      return { cgroup, remove: () => rmdirSync(cgroup) }
    } catch {
      remove(cgroup)
    }
  }
  return undefined
}

function remove(cgroup: string) {
  try {
    rmdirSync(cgroup)
  } catch {
    // It was never made.
  }
}
