/** `1,234` */
export function counted(count: number): string {
  return count.toLocaleString('en-US')
}

/** `1 row`, `1,234 rows` */
export function plural(count: number, noun: string): string {
  return `${counted(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Two columns, the first padded, the second set right. */
export function block(lines: readonly (readonly [label: string, value: string])[]): string {
  const labels = Math.max(...lines.map(([label]) => label.length))
  const values = Math.max(...lines.map(([, value]) => value.length))
  return lines
    .map(([label, value]) => `  ${label.padEnd(labels)}  ${value.padStart(values)}`)
    .join('\n')
}

/** The first of many, and how many more there are. */
export function linesOf(shown: readonly (string | number)[], all: number): string {
  const more = all - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${counted(more)} more` : '')
}

export function countUp<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** `3 h 20 min`, `12 min 3 s`, `9 s` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}
