import { execFile } from 'node:child_process'

/** Runs a program to its end; one that is not there ends with 127. */
export function runTool(
  command: string,
  args: string[],
  options: { cwd?: string } = {},
): Promise<{ exitCode: number; output: string; lastLine: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { maxBuffer: 64 * 1024 * 1024, ...options },
      (error, stdout, stderr) => {
        const output = stdout + stderr || (error?.message ?? '')
        const lastLine = output.trim().split('\n').at(-1) ?? ''
        resolve({ exitCode: error ? (child.exitCode ?? 127) : 0, output, lastLine })
      },
    )
    // A tool that waits for input would wait for ever.
    child.stdin?.end()
  })
}
