import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bundleFunction, replaceFile } from './bundle.mjs'
import { spellOutCloudWatch } from './cloudwatch-parts.mjs'
import { findParameterFault, parametersOf } from './deployment-parameters.mjs'
import { foldConditions } from './fold-conditions.mjs'
import { zipFiles } from './zip.mjs'

const LOCAL_STAGE = 'local'
const DEFAULT_PORT = 3000
const AWS_COMMANDS = new Set(['deploy', 'info', 'invoke', 'logs', 'metrics', 'remove', 'rollback'])
const BAD_PORT = new Set(['EADDRINUSE', 'EACCES', 'ERR_SOCKET_BAD_PORT'])

/** `invoke local` loads `.cjs` but not `.mjs`; Lambda on Node 24 passes no callback either. */
const SHIM = `exports.handler = async (event, context) =>
  (await import('./index.mjs')).handler(event, context)
`

/**
 * Bundles every function with esbuild, packs one zip each, and runs the service on this machine.
 * Only stage `local` gets provider simulators and dummy credentials; nothing of that is packaged.
 */
export default class BankcardVerifyPlugin {
  /** @param {any} serverless the osls instance, which has no usable types */
  constructor(serverless) {
    this.serverless = serverless
    /** @type {import('./local/local-stage.ts').LocalStage | undefined} */
    this.localStage = undefined

    this.commands = {
      local: {
        usage: 'Run the HTTP API on this machine, with simulated providers and no AWS',
        lifecycleEvents: ['run'],
        options: {
          port: { usage: `Port to listen on (default: ${DEFAULT_PORT})`, type: 'string' },
        },
      },
    }
    this.hooks = {
      initialize: () => this.initialize(),
      'before:package:createDeploymentArtifacts': () => this.packageFunctions(this.functionNames()),
      'before:package:function:package': () => this.packageFunctions([this.option('function')]),
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.finishTemplate(),
      'before:aws:package:finalize:saveServiceState': () => this.nameFinalArtifacts(),
      'before:invoke:local:invoke': () => this.prepareInvokeLocal(this.option('function')),
      'local:run': () => this.runLocalApi(Number(this.option('port') ?? DEFAULT_PORT)),
      finalize: () => this.localStage?.close(),
      error: () => this.localStage?.close(),
    }
    // Not in a hook: before those, osls would complain in its own words.
    this.checkParameters()
  }

  async initialize() {
    const command = this.serverless.processedInput.commands.join(' ')
    const isLocal = this.serverless.getProvider('aws').getStage() === LOCAL_STAGE
    if (command === 'invoke local' || command === 'local') {
      if (isLocal) await this.startLocalStage(command)
      else if (command === 'local') this.fail('"sls local" runs stage "local" only: drop --stage.')
    } else if (isLocal && AWS_COMMANDS.has(command.split(' ')[0])) {
      this.fail(`Stage "local" never leaves this machine: use "sls ${command} --stage dev".`)
    }
  }

  checkParameters() {
    const provider = this.serverless.getProvider('aws')
    const { params } = this.serverless.configurationInput
    const values = parametersOf(params, provider.getStage(), this.option('param'))
    const fault = findParameterFault(values, { region: provider.getRegion() })
    if (fault) this.fail(fault)
  }

  /** @param {string} command */
  async startLocalStage(command) {
    if (!process.features.typescript) {
      this.fail(`Node ${process.versions.node} is too old here: run it through npx or npm.`)
    }
    const { startLocalStage } = await import('./local/local-stage.ts')
    this.localStage = await startLocalStage(this.serverless.getProvider('aws').getRegion())
    const { environment, dropped } = this.localStage
    for (const fn of this.functionNames().map((name) =>
      this.serverless.service.getFunction(name),
    )) {
      fn.environment = localValues(
        { ...this.serverless.service.provider.environment, ...fn.environment },
        environment,
      )
    }
    if (command === 'local') return
    for (const name of dropped) delete process.env[name]
    Object.assign(process.env, environment)
  }

  /** @param {string[]} names */
  async packageFunctions(names) {
    await mkdir(path.join(this.serverless.serviceDir, '.serverless'), { recursive: true })
    for (const name of names) {
      const { file } = await this.bundle(name)
      const artifact = path.join('.serverless', `${name}.zip`)
      const zip = await zipFiles({ 'index.mjs': file })
      await writeFile(path.join(this.serverless.serviceDir, artifact), zip)
      const fn = this.serverless.service.getFunction(name)
      fn.handler = 'index.handler'
      fn.package = { ...fn.package, artifact }
    }
  }

  /** Leaves out what no parameter asks for, and spells out what is written short. */
  finishTemplate() {
    const { provider } = this.serverless.service
    const template = foldConditions(provider.compiledCloudFormationTemplate)
    template.Resources = spellOutCloudWatch(template.Resources)
    provider.compiledCloudFormationTemplate = template
  }

  /** `package --package <dir>` moves the zips there, and `deploy --package <dir>` must find them. */
  nameFinalArtifacts() {
    const finalDir = this.option('package')
    if (!finalDir) return
    for (const name of this.functionNames()) {
      const fn = this.serverless.service.getFunction(name)
      fn.package.artifact = path.join(finalDir, `${name}.zip`)
    }
  }

  /** @param {string} name */
  async prepareInvokeLocal(name) {
    const { file } = await this.bundle(name)
    await replaceFile(file.replace(/\.mjs$/, '.cjs'), Buffer.from(SHIM))
    this.serverless.service.getFunction(name).handler = `.build/${name}/index.handler`
  }

  /** @param {number} port */
  async runLocalApi(port) {
    const { runLocalApi } = await import('./local/run-local-api.ts')
    const { timeout, memorySize } = this.serverless.service.provider
    const functions = await Promise.all(
      this.functionNames().map(async (name) => {
        const { file } = await this.bundle(name)
        return { timeout, memorySize, ...this.serverless.service.getFunction(name), file }
      }),
    )
    try {
      await runLocalApi({ port, functions, environment: this.localStage?.environment ?? {} })
    } catch (error) {
      const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error)
      if (!BAD_PORT.has(code)) throw error
      this.fail(`Cannot listen on port ${port} (${code}): choose another with --port.`)
    }
  }

  /** @param {string} name */
  bundle(name) {
    const { handler } = this.serverless.service.getFunction(name)
    return bundleFunction({
      entry: handler.replace(/\.[^.]+$/, '.ts'),
      outDir: path.join('.build', name),
      rootDir: this.serverless.serviceDir,
    })
  }

  /** @returns {string[]} */
  functionNames() {
    return this.serverless.service.getAllFunctions()
  }

  /** @param {string} name */
  option(name) {
    return this.serverless.processedInput.options[name]
  }

  /**
   * @param {string} message
   * @returns {never}
   */
  fail(message) {
    throw new this.serverless.classes.Error(message, 'BANKCARD_VERIFY')
  }
}

/**
 * A function's own variables, and only those, pointed at what runs on this machine. `invoke local`
 * cannot resolve CloudFormation objects, so those that no simulator answers become a plain word.
 *
 * @param {Record<string, unknown>} declared
 * @param {Record<string, string>} local
 */
function localValues(declared, local) {
  return Object.fromEntries(
    Object.entries(declared).map(([name, value]) => {
      const plain = value !== null && typeof value === 'object' ? 'local' : value
      return [name, local[name] ?? plain]
    }),
  )
}
