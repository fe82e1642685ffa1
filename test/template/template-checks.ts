import { isDeepStrictEqual } from 'node:util'
import { problemCatalog } from '../../lib/errors/problem-catalog.ts'
import { expectedGrants, functionKeys, type FunctionKey, onAnything } from './expected-grants.ts'
import { expectedSettings } from './expected-settings.ts'
import type { Properties, Resource, Template } from './packaged-template.ts'

type Deployment = { stage: string; region: string; params: Record<string, string> }

/** Returns one sentence for each thing that is wrong. */
type Check = (template: Template, deployment: Deployment, runbook: string) => string[]

const GATEWAY_MS = 30_000
const CONNECT_MS = 3000
const OTHERWISE_WAITED_MS = 5000
const ACCESS_LOG_FIELDS = {
  service: 'bankcard-verify-STAGE',
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
  errorType: '$context.error.responseType',
  account: '$context.identity.accountId',
}
const ALARMS = [
  'CredentialsRejectedAlarm',
  'QuotaExhaustedAlarm',
  'SpendAlarm',
  'UnknownOutcomesAlarm',
  'MismatchRatioAlarm',
  'ProviderDownAlarm',
  'ErrorsAlarm',
  'ThrottlesAlarm',
  'P99Alarm',
]
/** What lib/telemetry/metrics.ts emits, by the dimension beside Service. */
const METRICS: Record<string, { names: string[]; values: readonly string[] }> = {
  Route: { names: ['Requests', 'DurationMs'], values: functionKeys },
  Provider: {
    names: [
      'Matches',
      'Mismatches',
      'Unverifiable',
      'Reused',
      'Replayed',
      'ProviderMs',
      'ProviderAttempts',
      'BilledCalls',
      'MaybeBilledCalls',
      'UnknownOutcomes',
      'GuardRefusals',
      'SpendShare',
      'SecretAgeSeconds',
    ],
    values: ['databao', 'juhe'],
  },
  Code: { names: ['Problems'], values: Object.keys(problemCatalog) },
}

export const checks = {
  everyRouteHasTheAuthorizer(template, { params }) {
    const isJwt = params['authorizer'] === 'jwt'
    const wanted = isJwt
      ? { AuthorizationType: 'JWT', AuthorizerId: { Ref: 'JwtAuthorizer' } }
      : { AuthorizationType: 'AWS_IAM', AuthorizerId: undefined }
    const routes = ofType(template, 'AWS::ApiGatewayV2::Route')
    const authorizers = ofType(template, 'AWS::ApiGatewayV2::Authorizer')
    return [
      ...unless(routes.length === functionKeys.length, `there are ${routes.length} routes`),
      ...routes.flatMap(([name, { AuthorizationType, AuthorizerId }]) =>
        unless(isDeepStrictEqual({ AuthorizationType, AuthorizerId }, wanted), `${name} is open`),
      ),
      ...unless(authorizers.length === (isJwt ? 1 : 0), 'an authorizer too many or too few'),
      ...authorizers.flatMap(([, { AuthorizerType, JwtConfiguration }]) =>
        unless(
          AuthorizerType === 'JWT' &&
            isDeepStrictEqual(JwtConfiguration, {
              Issuer: params['jwtIssuer'],
              Audience: { 'Fn::Split': [',', params['jwtAudience']] },
            }),
          'the JWT authorizer has another issuer or audience',
        ),
      ),
    ]
  },

  theGatewayIsThrottledAndClosedOtherwise(template, { params }) {
    const api = propertiesOf(template, 'HttpApi')
    const { DefaultRouteSettings: settings = {} } = propertiesOf(template, 'HttpApiStage')
    const hasDomain = 'domainName' in params
    const names = ofType(template, 'AWS::ApiGatewayV2::DomainName').map(([, own]) => own)
    const mappings = ofType(template, 'AWS::ApiGatewayV2::ApiMapping')
    return [
      ...unless(api['CorsConfiguration'] === undefined, 'CORS is on'),
      ...unless(
        Number(settings.ThrottlingRateLimit) === Number(params['throttleRate'] ?? 50) &&
          Number(settings.ThrottlingBurstLimit) === Number(params['throttleBurst'] ?? 100),
        'the routes have another throttle',
      ),
      ...unless(api['DisableExecuteApiEndpoint'] === hasDomain, 'execute-api is open or shut'),
      ...unless(
        names.length === Number(hasDomain) && mappings.length === Number(hasDomain),
        'the domain is missing or too many',
      ),
      ...names.flatMap(({ DomainName, DomainNameConfigurations: [own] }) =>
        unless(
          DomainName === params['domainName'] &&
            own.CertificateArn === params['certificateArn'] &&
            own.SecurityPolicy === 'TLS_1_2',
          'the domain is another or without TLS 1.2',
        ),
      ),
    ]
  },

  accessLogsHaveAClosedListOfFields(template, { stage }) {
    const { AccessLogSettings: settings } = propertiesOf(template, 'HttpApiStage')
    const wanted = { ...ACCESS_LOG_FIELDS, service: `bankcard-verify-${stage}` }
    return unless(
      settings !== undefined && isDeepStrictEqual(JSON.parse(settings.Format), wanted),
      'the access log has other fields',
    )
  },

  everyFunctionHasItsOwnRoleWithExactGrants(template, { stage, params }) {
    const roles = ofType(template, 'AWS::IAM::Role')
    const others = ['ManagedPolicy', 'Policy', 'RolePolicy', 'UserPolicy', 'GroupPolicy']
    return [
      ...unless(roles.length === functionKeys.length, `there are ${roles.length} roles`),
      ...others.flatMap((type) =>
        ofType(template, `AWS::IAM::${type}`).map(([name]) => `${name} grants beside the roles`),
      ),
      ...functionKeys.flatMap((key) => {
        const role = `${pascal(key)}Role`
        const { Role } = functionOf(template, key)
        const { AssumeRolePolicyDocument, ManagedPolicyArns } = propertiesOf(template, role)
        const wanted = expectedGrants(key, {
          stage,
          kmsKeyArn: params['kmsKeyArn'],
          inVpc: 'subnetIds' in params,
        })
        const trust = AssumeRolePolicyDocument.Statement
        return [
          ...unless(
            isDeepStrictEqual(Role, { 'Fn::GetAtt': [role, 'Arn'] }),
            `${key} does not have ${role}`,
          ),
          ...unless(
            trust.length === 1 &&
              isDeepStrictEqual(trust[0].Principal, { Service: 'lambda.amazonaws.com' }),
            `${role} may be assumed by others`,
          ),
          ...unless(ManagedPolicyArns === undefined, `${role} has a policy of AWS's`),
          ...unless(
            isDeepStrictEqual(grantsOf(template, role), wanted),
            `${role} grants ${grantsOf(template, role).join(', ')}`,
          ),
        ]
      }),
    ]
  },

  noWildcardStandsWithoutAReason(template, { params }) {
    const allowed = [...onAnything.trace, ...('subnetIds' in params ? onAnything.vpc : [])]
    return ofType(template, 'AWS::IAM::Role').flatMap(([name]) =>
      statementsOf(template, name)
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(({ Action, Resource, NotAction, NotResource }) => [
          ...unless(NotAction === undefined && NotResource === undefined, `${name}: all but some`),
          ...listOf(Action)
            .map(textOf)
            .flatMap((action) => [
              ...unless(!action.includes('*'), `${name} allows ${action}`),
              ...listOf(Resource).flatMap((resource) => {
                // Secrets Manager ends every secret's ARN in six characters of its own.
                const text = textOf(resource).replace(/-\?{6}$/, '')
                const isReasoned = text === '*' && allowed.includes(action)
                return unless(!/[*?]/.test(text) || isReasoned, `${name}: ${action} on ${text}`)
              }),
            ]),
        ]),
    )
  },

  onlyLambdaItselfEntersTheVpc(template, { stage, params }) {
    const inVpc = 'subnetIds' in params
    const wanted = {
      SubnetIds: { 'Fn::Split': [',', params['subnetIds']] },
      SecurityGroupIds: { 'Fn::Split': [',', params['securityGroupIds']] },
    }
    return functionKeys.flatMap((key) => {
      const { VpcConfig } = functionOf(template, key)
      const denials = statementsOf(template, `${pascal(key)}Role`).filter(
        ({ Effect }) => Effect === 'Deny',
      )
      const own = `:function:bankcard-verify-${stage}-*`
      return [
        ...unless(
          isDeepStrictEqual(VpcConfig, inVpc ? wanted : undefined),
          `${key} is in another network`,
        ),
        ...unless(
          denials.length === Number(inVpc) &&
            denials.every(
              ({ Action, Condition }) =>
                isDeepStrictEqual(Action, onAnything.vpc) &&
                textOf(Condition?.ArnLike?.['lambda:SourceFunctionArn']).endsWith(own),
            ),
          `${key}'s code may make network interfaces`,
        ),
      ]
    })
  },

  everythingKeptIsEncryptedAndSurvives(template, { params }) {
    const key = params['kmsKeyArn']
    const table = propertiesOf(template, 'LedgerTable')
    const secret = propertiesOf(template, 'FingerprintSecret')
    const sse = key && { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key }
    const { GenerateSecretString: generated = {} } = secret
    return [
      ...unless(isDeepStrictEqual(table['SSESpecification'], sse), 'the table has another key'),
      ...unless(secret['KmsKeyId'] === key, 'the pepper has another key'),
      ...unless(
        generated.GenerateStringKey === 'pepper' && generated.PasswordLength >= 32,
        'the pepper is not made by CloudFormation, or too short',
      ),
      ...ofType(template, 'AWS::Logs::LogGroup').flatMap(([name, { KmsKeyId }]) =>
        unless(KmsKeyId === key, `${name} has another key`),
      ),
      ...functionKeys.flatMap((name) =>
        unless(functionOf(template, name)['KmsKeyArn'] === key, `${name} has another key`),
      ),
      ...unless(
        table['PointInTimeRecoverySpecification']?.PointInTimeRecoveryEnabled === true,
        'the table cannot be restored',
      ),
      ...unless(table['DeletionProtectionEnabled'] === true, 'the table can be deleted'),
      ...unless(table['BillingMode'] === 'PAY_PER_REQUEST', 'the table has a fixed capacity'),
      ...unless(
        isDeepStrictEqual(table['TimeToLiveSpecification'], {
          AttributeName: 'expiresAt',
          Enabled: true,
        }),
        'items do not expire',
      ),
      ...['LedgerTable', 'FingerprintSecret'].flatMap((name) => {
        const { DeletionPolicy, UpdateReplacePolicy } = resourceOf(template, name)
        return unless(
          DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain',
          `${name} goes with the stack`,
        )
      }),
    ]
  },

  everyLogIsKeptForItsTimeOnly(template, { stage, params }) {
    const groups = ofType(template, 'AWS::Logs::LogGroup')
    const days = Number(params['logRetentionDays'] ?? (stage === 'prod' ? 180 : 30))
    return [
      ...unless(groups.length === functionKeys.length + 1, `there are ${groups.length} log groups`),
      ...groups.flatMap(([name, { RetentionInDays }]) =>
        unless(RetentionInDays === days, `${name} is kept for ${RetentionInDays} days`),
      ),
    ]
  },

  timeoutsNest(template) {
    const integrations = ofType(template, 'AWS::ApiGatewayV2::Integration')
    return [
      ...integrations.flatMap(([name, { TimeoutInMillis }]) =>
        unless(TimeoutInMillis === GATEWAY_MS, `${name} waits for another time`),
      ),
      ...functionKeys.flatMap((key) => {
        const { Timeout, Environment } = functionOf(template, key)
        const providerMs = Number(Environment.Variables.PROVIDER_TIMEOUT_MS ?? CONNECT_MS + 1)
        return [
          ...unless(Timeout * 1000 < GATEWAY_MS, `${key} outlives the gateway`),
          ...unless(
            providerMs + OTHERWISE_WAITED_MS <= Timeout * 1000,
            `${key} ends before its provider`,
          ),
          ...unless(providerMs > CONNECT_MS, `${key} ends before it is connected`),
        ]
      }),
    ]
  },

  functionsRunAsDecided(template, { params }) {
    const { reservedConcurrency, provisionedConcurrency } = params
    const asks = (key: FunctionKey) => key.startsWith('verify')
    const aliases = ofType(template, 'AWS::Lambda::Alias')
    return [
      ...functionKeys.flatMap((key) => {
        const { Runtime, Architectures, TracingConfig, ReservedConcurrentExecutions } = functionOf(
          template,
          key,
        )
        const reserved = asks(key) && reservedConcurrency ? Number(reservedConcurrency) : undefined
        return [
          ...unless(Runtime === 'nodejs24.x', `${key} runs on ${Runtime}`),
          ...unless(isDeepStrictEqual(Architectures, ['arm64']), `${key} runs on ${Architectures}`),
          ...unless(TracingConfig?.Mode === 'Active', `${key} is not traced`),
          ...unless(ReservedConcurrentExecutions === reserved, `${key}'s concurrency differs`),
        ]
      }),
      ...unless(
        aliases.length === (provisionedConcurrency ? 2 : 0) &&
          aliases.every(
            ([, { ProvisionedConcurrencyConfig: own }]) =>
              own.ProvisionedConcurrentExecutions === Number(provisionedConcurrency),
          ),
        'another concurrency is provisioned',
      ),
    ]
  },

  everySettingIsThereAndNoOther(template, { stage, params }) {
    return functionKeys.flatMap((key) => {
      const { Variables } = functionOf(template, key)['Environment']
      const wanted: Record<string, unknown> = { ...expectedSettings[key] }
      for (const [name, value] of Object.entries(wanted)) {
        if (typeof value === 'string') wanted[name] = value.replace('STAGE', stage)
      }
      if ('JUHE_CHANNEL' in wanted && params['juheChannel']) {
        wanted['JUHE_CHANNEL'] = params['juheChannel']
      }
      return [...new Set([...Object.keys(wanted), ...Object.keys(Variables)])].flatMap((name) =>
        unless(isDeepStrictEqual(Variables[name], wanted[name]), `${key} has another ${name}`),
      )
    })
  },

  everyAlarmTellsSomebodyWhatToDo(template, { stage, params }, runbook) {
    const sections = new Set(anchorsOf(runbook))
    const { alarmEmail, alarmTopicArn } = params
    const topics = ofType(template, 'AWS::SNS::Topic')
    const actions = alarmTopicArn
      ? [alarmTopicArn]
      : alarmEmail
        ? [{ Ref: 'AlarmTopic' }]
        : undefined
    const alarms = ofType(template, 'AWS::CloudWatch::Alarm')
    return [
      ...unless(
        isDeepStrictEqual(alarms.map(([name]) => name).sort(), ALARMS.toSorted()),
        'an alarm is missing, or new',
      ),
      ...unless(
        topics.length === (alarmEmail ? 1 : 0) &&
          topics.every(
            ([
              ,
              {
                Subscription: [own],
              },
            ]) => own.Endpoint === alarmEmail,
          ),
        'the topic has another subscriber',
      ),
      ...alarms.flatMap(([name, alarm]) => {
        const { AlarmName, AlarmDescription, AlarmActions, OKActions, TreatMissingData } = alarm
        const [, anchor = ''] = /docs\/runbook\.md#([\w-]+)$/.exec(AlarmDescription) ?? []
        return [
          ...unless(AlarmName === `bankcard-verify-${stage}-${anchor}`, `${name}: another name`),
          ...unless(sections.has(anchor), `${name}: the runbook has no section "${anchor}"`),
          ...unless(
            isDeepStrictEqual(AlarmActions, actions) && isDeepStrictEqual(OKActions, actions),
            `${name} tells others`,
          ),
          ...unless(
            TreatMissingData === (name === 'SpendAlarm' ? 'ignore' : 'notBreaching'),
            `${name} takes silence for something else`,
          ),
        ]
      }),
    ]
  },

  alarmsCompareWhatTheyName(template) {
    return ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([name, { Metrics }]) => {
      const ids = Metrics.map(({ Id }: Properties) => Id)
      const expressions = Metrics.flatMap(({ Expression }: Properties) => Expression ?? [])
      const named = expressions.flatMap((text: string) =>
        [...text.matchAll(/\b[a-z]\w*\b/g)].map(([id]) => id),
      )
      return [
        ...unless(
          Metrics.every(
            ({ ReturnData }: Properties, at: number) => ReturnData === (at === Metrics.length - 1),
          ),
          `${name} compares another metric than its last`,
        ),
        ...unless(new Set(ids).size === ids.length, `${name} has an id twice`),
        ...named.flatMap((id: string) => unless(ids.includes(id), `${name} knows no ${id}`)),
        ...ids
          .slice(0, -1)
          .flatMap((id: string) => unless(named.includes(id), `${name} does not use ${id}`)),
        ...unless(Metrics.length - expressions.length <= 10, `${name} has over ten metrics`),
      ]
    })
  },

  everyMetricIsOneThatIsEmitted(template, { stage }) {
    const fault = (where: string, metric: unknown[]) =>
      unless(isEmitted(template, stage, metric), `${where}: ${metric.map(textOf).join(' ')}`)
    const alarmed = ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([name, { Metrics }]) =>
      Metrics.flatMap(({ MetricStat }: Properties) => {
        if (!MetricStat) return []
        const { Namespace, MetricName, Dimensions } = MetricStat.Metric
        const pairs = Dimensions.flatMap(({ Name, Value }: Properties) => [Name, Value])
        return fault(name, [Namespace, MetricName, ...pairs])
      }),
    )
    const drawn = widgetsOf(template)
      .flatMap(({ properties }) => properties.metrics ?? [])
      .flatMap((metric: (string | Properties)[]) => {
        const parts = metric.filter((part) => typeof part === 'string')
        if (parts.length > 0) return fault('Dashboard', parts)
        const [{ expression }] = metric as [Properties]
        const search =
          /SEARCH\('\{(\w+),Service,(\w+)\} MetricName="(\w+)" Service="([\w-]+)"'/.exec(expression)
        if (!search) return []
        const [, namespace, dimension = '', name, service] = search
        const [any] = METRICS[dimension]?.values ?? []
        return fault('Dashboard', [namespace, name, 'Service', service, dimension, any])
      })
    return [...alarmed, ...drawn]
  },

  theDashboardShowsEveryAlarm(template) {
    const shown = widgetsOf(template).flatMap(({ properties }) => properties.alarms ?? [])
    return unless(
      isDeepStrictEqual(new Set(shown), new Set(ALARMS.map((name) => `\${${name}.Arn}`))),
      'the dashboard shows other alarms',
    )
  },

  nothingIsTiedToOnePartitionOrMachine(template, { params }) {
    let text = JSON.stringify(template)
    for (const value of Object.values(params)) text = text.replaceAll(value, '')
    return [...text.matchAll(/arn:aws|localhost|127\.0\.0\.1|AWS_ENDPOINT|"Fn::If"|NoValue/g)].map(
      ([found]) => `the template says ${found}`,
    )
  },
} satisfies Record<string, Check>
export type CheckName = keyof typeof checks

/** Anchors of a Markdown file's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}

export function ofType(template: Template, type: string): [string, Properties][] {
  return Object.entries(template.Resources).flatMap(([name, { Type, Properties: own }]) =>
    Type === type ? [[name, own] satisfies [string, Properties]] : [],
  )
}

function widgetsOf(template: Template): { type: string; properties: Properties }[] {
  const { DashboardBody } = propertiesOf(template, 'Dashboard')
  return JSON.parse(DashboardBody['Fn::Sub']).widgets
}

function isEmitted(template: Template, stage: string, [namespace, name, ...pairs]: unknown[]) {
  if (namespace === 'AWS/Lambda') {
    const [dimension, fn] = pairs
    const id = textOf(fn).replace(/^\$\{(\w+)\}$/, '$1')
    return (
      dimension === 'FunctionName' &&
      template.Resources[id]?.Type === 'AWS::Lambda::Function' &&
      ['Errors', 'Throttles'].includes(String(name))
    )
  }
  const [service, own, dimension, value] = pairs
  if (namespace !== 'BankcardVerify' || service !== 'Service') return false
  if (own !== `bankcard-verify-${stage}`) return false
  if (dimension === undefined) {
    // The one metric that the template makes itself, out of the access log.
    return ofType(template, 'AWS::Logs::MetricFilter').some(
      ([
        ,
        {
          MetricTransformations: [made],
        },
      ]) => made.MetricNamespace === namespace && made.MetricName === name,
    )
  }
  const { names = [], values = [] } = METRICS[textOf(dimension)] ?? {}
  return names.includes(textOf(name)) && values.includes(textOf(value))
}

function grantsOf(template: Template, role: string): string[] {
  return statementsOf(template, role)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource, Condition }) => {
      const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']
      return listOf(Action).map(
        (action) => `${textOf(action)} on ${textOf(Resource)}${keys ? ` where ${keys}` : ''}`,
      )
    })
    .sort()
}

function statementsOf(template: Template, role: string): Properties[] {
  return listOf(propertiesOf(template, role)['Policies']).flatMap(
    (policy) => (policy as Properties)['PolicyDocument'].Statement,
  )
}

function resourceOf(template: Template, name: string): Resource {
  const resource = template.Resources[name]
  if (!resource) throw new Error(`The template has no ${name}`)
  return resource
}

function propertiesOf(template: Template, name: string): Properties {
  return resourceOf(template, name).Properties
}

function functionOf(template: Template, key: FunctionKey): Properties {
  return propertiesOf(template, `${pascal(key)}LambdaFunction`)
}

function pascal(key: string): string {
  return `${key[0]?.toUpperCase()}${key.slice(1)}`
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value]
}

/** `Ref` and the like as short text. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const [inner]: unknown[] = Object.values(value)
  return Array.isArray(inner) ? inner.join('.') : String(inner)
}

function unless(holds: boolean, fault: string): string[] {
  return holds ? [] : [fault]
}
