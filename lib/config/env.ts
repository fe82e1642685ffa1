import { log } from '../telemetry/log.ts'

/** Reads this function's settings (contract.md §4); the only file that opens `process.env`. */
export const env = {
  text(name: string): string {
    return read(name) ?? stop(name, 'is missing')
  },

  /** Name or ARN of a secret or table, which is logged: the secret itself, in JSON, is refused. */
  resourceName(name: string): string {
    const text = env.text(name)
    return /^[\w/+=.@:-]+$/.test(text) ? text : stop(name, 'must be a name or an ARN')
  },

  /** A whole number. */
  number(name: string, fallback: number, { min, max }: { min: number; max: number }): number {
    const text = read(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (!/^[0-9]+$/.test(text) || value < min || value > max) {
      return stop(name, `must be a whole number from ${min} to ${max}`)
    }
    return value
  },

  oneOf<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const text = read(name)
    if (text === undefined) return fallback
    return (
      choices.find((choice) => choice === text) ?? stop(name, `must be ${choices.join(' or ')}`)
    )
  },

  flag(name: string, fallback: boolean): boolean {
    return env.oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true'
  },

  /** Where a provider or AWS lives. Plain http would show data to the network, so it is refused. */
  httpsUrl(name: string, fallback: string): string {
    const text = read(name) ?? fallback
    const url = URL.parse(text) ?? stop(name, 'must be a URL')
    if (url.username || url.password || url.search || url.hash) {
      return stop(name, 'must be a URL without credentials, query or fragment')
    }
    const isAllowed = env.flag('ALLOW_PLAINTEXT_PROVIDERS', false)
    const plaintext = isAllowed || isLoopback(url.hostname)
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && plaintext)) {
      return stop(name, 'must be https')
    }
    // Not the text itself: a bare `?` or `#` at its end would swallow the path.
    return (url.origin + url.pathname).replace(/\/+$/, '')
  },

  /** What Lambda gives every function, under the names that the AWS SDKs know. */
  aws(service: 'DYNAMODB' | 'SECRETS_MANAGER') {
    const region = env.text('AWS_REGION')
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    const usual = `https://${service.toLowerCase().replace('_', '')}.${region}.${domain}`
    return {
      region,
      endpoint: env.httpsUrl(
        `AWS_ENDPOINT_URL_${service}`,
        env.httpsUrl('AWS_ENDPOINT_URL', usual),
      ),
      credentials: {
        accessKeyId: env.text('AWS_ACCESS_KEY_ID'),
        secretAccessKey: env.text('AWS_SECRET_ACCESS_KEY'),
        sessionToken: read('AWS_SESSION_TOKEN'),
      },
    }
  },
}

function read(name: string): string | undefined {
  return process.env[name]?.trim() || undefined
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.[0-9]+){3}$/.test(hostname)
}

/** Ends the function's start with the variable's name in the log, never its value. */
function stop(name: string, demand: string): never {
  log('error', 'bad_setting', { setting: name, demand })
  throw new Error(`setting ${name} ${demand}`)
}
