import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { copyProject } from '../local/project-copy.ts'
import { unzip } from './unzip.ts'

// Every outgoing connection of the packaging process fails.
const NO_CONNECT = `import net from 'node:net'
net.Socket.prototype.connect = () => { throw new Error('the network was used') }`
const OFFLINE = ['--import', `data:text/javascript,${encodeURIComponent(NO_CONNECT)}`]

export const functionNames = [
  'verifyThreeElement',
  'verifyTwoElement',
  'getVerification',
  'listVerifications',
  'getUsage',
] as const
export type FunctionName = (typeof functionNames)[number]

/** One function as Lambda gets it. */
export type PackagedFunction = {
  name: FunctionName
  /** What was in the zip, alone in a directory. */
  dir: string
  files: string[]
  /** The file that the template's `Handler` names, and its export. */
  file: string
  exportName: string
  /** The template's variables: text, or a CloudFormation object that only a deployment resolves. */
  variables: Record<string, unknown>
}

type LambdaResource = {
  Type: string
  Properties: {
    Handler: string
    Code: { S3Key: string }
    Environment?: { Variables: Record<string, unknown> }
  }
}

export type Artifact = Awaited<ReturnType<typeof packageArtifact>>

/** `sls package --stage dev` without network, account or shell, and every zip of it unpacked. */
export async function packageArtifact() {
  const project = await copyProject(['scripts', 'lib', 'handlers'])
  const { exitCode, output } = await project.sls(['package', '--stage', 'dev'], {}, OFFLINE)
  if (exitCode !== 0) {
    await project.remove()
    throw new Error(`sls package failed:\n${output}`)
  }
  const packageDir = path.join(project.dir, '.serverless')
  const template = await readFile(
    path.join(packageDir, 'cloudformation-template-update-stack.json'),
    'utf8',
  )
  const resources: LambdaResource[] = Object.values(JSON.parse(template).Resources)
  const unpacked = await Promise.all(
    resources
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => unpack(packageDir, Properties)),
  )
  const byName = new Map(unpacked.map((fn) => [fn.name, fn]))
  return {
    /** The copy of the project that was packaged. */
    projectDir: project.dir,
    template,
    names: [...byName.keys()],
    fn(name: FunctionName): PackagedFunction {
      const found = byName.get(name)
      if (!found) throw new Error(`the template has no function ${name}`)
      return found
    },
    remove: () => project.remove(),
  }
}

async function unpack(packageDir: string, properties: LambdaResource['Properties']) {
  const zipName = path.basename(properties.Code.S3Key)
  const name = path.basename(zipName, '.zip') as FunctionName
  const dir = path.join(packageDir, 'unzipped', name)
  const files = unzip(await readFile(path.join(packageDir, zipName)))
  await mkdir(dir, { recursive: true })
  for (const [file, bytes] of files) await writeFile(path.join(dir, file), bytes)
  const [module = '', exportName = ''] = properties.Handler.split('.')
  return {
    name,
    dir,
    files: [...files.keys()],
    file: handlerFile(dir, module),
    exportName,
    variables: properties.Environment?.Variables ?? {},
  }
}

/** As Lambda looks for it. */
function handlerFile(dir: string, module: string): string {
  const found = ['.js', '.mjs', '.cjs']
    .map((extension) => path.join(dir, module + extension))
    .find((file) => existsSync(file))
  if (!found) throw new Error(`no file in ${dir} for the handler ${module}`)
  return found
}
