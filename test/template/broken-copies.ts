import type { Properties, Template, Variant } from './packaged-template.ts'
import type { CheckName } from './template-checks.ts'

type Break = (resources: Record<string, Properties>, template: Template) => void

/** Ways in which a template can be wrong, and the check that must say so. */
export const brokenCopies: [CheckName, string, Break, Variant?][] = [
  [
    'everyRouteHasTheAuthorizer',
    'an open route',
    ({ HttpApiRouteGetV1Usage: route }) => delete route?.['AuthorizationType'],
  ],
  [
    'everyRouteHasTheAuthorizer',
    'a route with authorizer NONE',
    ({ HttpApiRouteGetV1Usage: route }) => set(route, 'AuthorizationType', 'NONE'),
  ],
  [
    'everyRouteHasTheAuthorizer',
    'a new route',
    (_, { Resources }) => {
      Resources['Another'] = { Type: 'AWS::ApiGatewayV2::Route', Properties: {} }
    },
  ],
  [
    'everyRouteHasTheAuthorizer',
    'an authorizer that nobody asked for',
    (_, { Resources }) => {
      Resources['Another'] = { Type: 'AWS::ApiGatewayV2::Authorizer', Properties: {} }
    },
  ],
  [
    'everyRouteHasTheAuthorizer',
    'any audience',
    ({ JwtAuthorizer: jwt }) => delete jwt?.['JwtConfiguration'].Audience,
    'china',
  ],
  [
    'theGatewayIsThrottledAndClosedOtherwise',
    'CORS',
    ({ HttpApi: api }) => set(api, 'CorsConfiguration', { AllowOrigins: ['*'] }),
  ],
  [
    'theGatewayIsThrottledAndClosedOtherwise',
    'no throttle',
    ({ HttpApiStage: stage }) => delete stage?.['DefaultRouteSettings'],
  ],
  [
    'theGatewayIsThrottledAndClosedOtherwise',
    'execute-api open beside a domain',
    ({ HttpApi: api }) => set(api, 'DisableExecuteApiEndpoint', false),
    'hardened',
  ],
  [
    'theGatewayIsThrottledAndClosedOtherwise',
    'a domain that leads nowhere',
    (_, { Resources }) => delete Resources['DomainMapping'],
    'hardened',
  ],
  [
    'theGatewayIsThrottledAndClosedOtherwise',
    'an old TLS',
    ({ Domain: domain }) =>
      set(domain?.['DomainNameConfigurations'][0], 'SecurityPolicy', 'TLS_1_0'),
    'hardened',
  ],
  [
    'accessLogsHaveAClosedListOfFields',
    'the path in the access log',
    ({ HttpApiStage: stage }) =>
      set(stage?.['AccessLogSettings'], 'Format', '{"path":"$context.path"}'),
  ],
  [
    'accessLogsHaveAClosedListOfFields',
    'no access log',
    ({ HttpApiStage: stage }) => delete stage?.['AccessLogSettings'],
  ],
  [
    'everyFunctionHasItsOwnRoleWithExactGrants',
    "a role that is another function's",
    ({ GetUsageLambdaFunction: fn }) =>
      set(fn, 'Role', { 'Fn::GetAtt': ['VerifyTwoElementRole', 'Arn'] }),
  ],
  [
    'everyFunctionHasItsOwnRoleWithExactGrants',
    "Juhe's secret for the three-element function",
    ({ VerifyThreeElementRole: role }) =>
      grant(role, 'secretsmanager:GetSecretValue', {
        'Fn::Sub':
          'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:bankcard-verify/dev/juhe-??????',
      }),
  ],
  [
    'everyFunctionHasItsOwnRoleWithExactGrants',
    'the pepper for a read route',
    ({ GetVerificationRole: role }) =>
      grant(role, 'secretsmanager:GetSecretValue', { Ref: 'FingerprintSecret' }),
  ],
  [
    'everyFunctionHasItsOwnRoleWithExactGrants',
    'verification records for the usage route',
    ({ GetUsageRole: role }) => {
      const statements = role?.['Policies'][0].PolicyDocument.Statement
      delete statements.at(-1).Condition
    },
  ],
  [
    'everyFunctionHasItsOwnRoleWithExactGrants',
    "a policy of AWS's",
    ({ GetUsageRole: role }) => set(role, 'ManagedPolicyArns', ['AdministratorAccess']),
  ],
  [
    'everyFunctionHasItsOwnRoleWithExactGrants',
    'a policy beside the roles',
    (_, { Resources }) => {
      Resources['Another'] = { Type: 'AWS::IAM::Policy', Properties: {} }
    },
  ],
  [
    'everyFunctionHasItsOwnRoleWithExactGrants',
    'another role',
    (_, { Resources }) => {
      Resources['Another'] = { Type: 'AWS::IAM::Role', Properties: { Policies: [] } }
    },
  ],
  [
    'everyFunctionHasItsOwnRoleWithExactGrants',
    'a role that anybody may assume',
    ({ GetUsageRole: role }) =>
      set(role?.['AssumeRolePolicyDocument'].Statement[0], 'Principal', { AWS: '*' }),
  ],
  [
    'noWildcardStandsWithoutAReason',
    'all tables',
    ({ GetUsageRole: role }) => grant(role, 'dynamodb:Query', '*'),
  ],
  [
    'noWildcardStandsWithoutAReason',
    'every action',
    ({ GetUsageRole: role }) => grant(role, 'dynamodb:*', { 'Fn::GetAtt': ['LedgerTable', 'Arn'] }),
  ],
  [
    'noWildcardStandsWithoutAReason',
    'all indexes',
    ({ GetUsageRole: role }) =>
      grant(role, 'dynamodb:Query', { 'Fn::Sub': '${LedgerTable.Arn}/index/*' }),
  ],
  [
    'noWildcardStandsWithoutAReason',
    'all but one action',
    ({ GetUsageRole: role }) => {
      const policy = role?.['Policies'][0].PolicyDocument
      policy.Statement.push({ Effect: 'Allow', NotAction: 'iam:PassRole', Resource: 'x' })
    },
  ],
  [
    'noWildcardStandsWithoutAReason',
    'network interfaces without a VPC',
    ({ GetUsageRole: role }) => grant(role, 'ec2:CreateNetworkInterface', '*'),
  ],
  [
    'onlyLambdaItselfEntersTheVpc',
    'a function outside the VPC',
    ({ GetUsageLambdaFunction: fn }) => delete fn?.['VpcConfig'],
    'hardened',
  ],
  [
    'onlyLambdaItselfEntersTheVpc',
    'code that may make network interfaces',
    ({ GetUsageRole: role }) => {
      const policy = role?.['Policies'][0].PolicyDocument
      policy.Statement = policy.Statement.filter(({ Effect }: Properties) => Effect !== 'Deny')
    },
    'hardened',
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'a table without the given key',
    ({ LedgerTable: table }) => delete table?.['SSESpecification'],
    'hardened',
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'a pepper without the given key',
    ({ FingerprintSecret: secret }) => delete secret?.['KmsKeyId'],
    'hardened',
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'a log without the given key',
    ({ HttpApiLogGroup: group }) => delete group?.['KmsKeyId'],
    'hardened',
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'settings without the given key',
    ({ GetUsageLambdaFunction: fn }) => delete fn?.['KmsKeyArn'],
    'hardened',
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'a pepper in the template',
    ({ FingerprintSecret: secret }) => {
      delete secret?.['GenerateSecretString']
      set(secret, 'SecretString', '{"pepper":"…"}')
    },
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'no way back in time',
    ({ LedgerTable: table }) => delete table?.['PointInTimeRecoverySpecification'],
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'a table that a click deletes',
    ({ LedgerTable: table }) => set(table, 'DeletionProtectionEnabled', false),
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'a fixed capacity',
    ({ LedgerTable: table }) => set(table, 'BillingMode', 'PROVISIONED'),
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'items that never expire',
    ({ LedgerTable: table }) => delete table?.['TimeToLiveSpecification'],
  ],
  [
    'everythingKeptIsEncryptedAndSurvives',
    'a table that goes with the stack',
    (_, { Resources }) => delete Resources['LedgerTable']?.DeletionPolicy,
  ],
  [
    'everyLogIsKeptForItsTimeOnly',
    'a log for ever',
    ({ GetUsageLogGroup: group }) => delete group?.['RetentionInDays'],
  ],
  [
    'everyLogIsKeptForItsTimeOnly',
    'a function without a log group',
    (_, { Resources }) => delete Resources['GetUsageLogGroup'],
  ],
  [
    'timeoutsNest',
    'a function that outlives the gateway',
    ({ GetUsageLambdaFunction: fn }) => set(fn, 'Timeout', 30),
  ],
  [
    'timeoutsNest',
    'a provider that outlives the function',
    ({ VerifyTwoElementLambdaFunction: fn }) =>
      set(fn?.['Environment'].Variables, 'PROVIDER_TIMEOUT_MS', '20000'),
  ],
  [
    'timeoutsNest',
    'a connection that outlives the provider',
    ({ VerifyTwoElementLambdaFunction: fn }) =>
      set(fn?.['Environment'].Variables, 'PROVIDER_TIMEOUT_MS', '3000'),
  ],
  [
    'timeoutsNest',
    'an impatient gateway',
    ({ HttpApiIntegrationGetUsage: integration }) => set(integration, 'TimeoutInMillis', 5000),
  ],
  [
    'functionsRunAsDecided',
    'an old runtime',
    ({ GetUsageLambdaFunction: fn }) => set(fn, 'Runtime', 'nodejs20.x'),
  ],
  [
    'functionsRunAsDecided',
    'another processor',
    ({ GetUsageLambdaFunction: fn }) => set(fn, 'Architectures', ['x86_64']),
  ],
  [
    'functionsRunAsDecided',
    'no trace',
    ({ GetUsageLambdaFunction: fn }) => delete fn?.['TracingConfig'],
  ],
  [
    'functionsRunAsDecided',
    'concurrency without a bound',
    ({ VerifyTwoElementLambdaFunction: fn }) => delete fn?.['ReservedConcurrentExecutions'],
    'hardened',
  ],
  [
    'functionsRunAsDecided',
    'nothing provisioned',
    (_, { Resources }) => delete Resources['VerifyTwoElementProvConcLambdaAlias'],
    'hardened',
  ],
  [
    'everySettingIsThereAndNoOther',
    'a setting less',
    ({ VerifyTwoElementLambdaFunction: fn }) =>
      delete fn?.['Environment'].Variables.CALLER_DAILY_LIMIT,
  ],
  [
    'everySettingIsThereAndNoOther',
    "another function's setting",
    ({ GetUsageLambdaFunction: fn }) =>
      set(fn?.['Environment'].Variables, 'JUHE_SECRET_ID', 'bankcard-verify/dev/juhe'),
  ],
  [
    'everySettingIsThereAndNoOther',
    'plain http allowed',
    ({ VerifyTwoElementLambdaFunction: fn }) =>
      set(fn?.['Environment'].Variables, 'ALLOW_PLAINTEXT_PROVIDERS', 'true'),
  ],
  [
    'everyAlarmTellsSomebodyWhatToDo',
    'an alarm less',
    (_, { Resources }) => delete Resources['SpendAlarm'],
  ],
  [
    'everyAlarmTellsSomebodyWhatToDo',
    'an alarm that nobody hears',
    ({ SpendAlarm: alarm }) => delete alarm?.['AlarmActions'],
    'hardened',
  ],
  [
    'everyAlarmTellsSomebodyWhatToDo',
    'a topic without a subscriber',
    (_, { Resources }) => delete Resources['AlarmTopic'],
    'hardened',
  ],
  [
    'everyAlarmTellsSomebodyWhatToDo',
    'an alarm without its section',
    ({ SpendAlarm: alarm }) => {
      set(alarm, 'AlarmName', 'bankcard-verify-dev-no-such-section')
      set(alarm, 'AlarmDescription', 'docs/runbook.md#no-such-section')
    },
  ],
  [
    'everyAlarmTellsSomebodyWhatToDo',
    'an alarm named otherwise than its section',
    ({ SpendAlarm: alarm }) => set(alarm, 'AlarmName', 'bankcard-verify-dev-money'),
  ],
  [
    'everyAlarmTellsSomebodyWhatToDo',
    'an alarm at every silent hour',
    ({ ErrorsAlarm: alarm }) => set(alarm, 'TreatMissingData', 'breaching'),
  ],
  [
    'alarmsCompareWhatTheyName',
    'a count in place of the ratio',
    ({ MismatchRatioAlarm: alarm }) => set(alarm?.['Metrics'][0], 'ReturnData', true),
  ],
  [
    'alarmsCompareWhatTheyName',
    'an expression over an unknown metric',
    ({ SpendAlarm: alarm }) => set(alarm?.['Metrics'].at(-1), 'Expression', 'MAX([databao, jube])'),
  ],
  [
    'alarmsCompareWhatTheyName',
    'an id twice',
    ({ SpendAlarm: alarm }) => set(alarm?.['Metrics'][1], 'Id', 'databao'),
  ],
  [
    'alarmsCompareWhatTheyName',
    'more metrics than CloudWatch takes',
    ({ SpendAlarm: alarm }) => {
      const [first] = alarm?.['Metrics'] ?? []
      alarm?.['Metrics'].unshift(...Array.from({ length: 10 }, () => first))
    },
  ],
  [
    'everyMetricIsOneThatIsEmitted',
    'a metric that nobody emits',
    ({ SpendAlarm: alarm }) => set(alarm?.['Metrics'][0].MetricStat.Metric, 'MetricName', 'Spent'),
  ],
  [
    'everyMetricIsOneThatIsEmitted',
    'a problem code that does not exist',
    ({ QuotaExhaustedAlarm: alarm }) =>
      set(alarm?.['Metrics'][0].MetricStat.Metric.Dimensions[1], 'Value', 'quota_exhausted'),
  ],
  [
    'everyMetricIsOneThatIsEmitted',
    "another stage's metrics",
    ({ QuotaExhaustedAlarm: alarm }) =>
      set(alarm?.['Metrics'][0].MetricStat.Metric.Dimensions[0], 'Value', 'bankcard-verify-prod'),
  ],
  [
    'everyMetricIsOneThatIsEmitted',
    'errors of a function that is not there',
    ({ ErrorsAlarm: alarm }) =>
      set(alarm?.['Metrics'][0].MetricStat.Metric.Dimensions[0], 'Value', { Ref: 'Another' }),
  ],
  [
    'everyMetricIsOneThatIsEmitted',
    'a filter that is gone',
    (_, { Resources }) => delete Resources['GatewayThrottles'],
  ],
  [
    'everyMetricIsOneThatIsEmitted',
    'a widget without a metric',
    ({ Dashboard: dashboard }) => inBody(dashboard, 'BilledCalls', 'Billed'),
  ],
  [
    'everyMetricIsOneThatIsEmitted',
    'a search that finds nothing',
    ({ Dashboard: dashboard }) =>
      inBody(dashboard, String.raw`MetricName=\"Matches\"`, String.raw`MetricName=\"Match\"`),
  ],
  [
    'theDashboardShowsEveryAlarm',
    'an alarm that the dashboard hides',
    ({ Dashboard: dashboard }) => inBody(dashboard, ',"${P99Alarm.Arn}"', ''),
  ],
  [
    'nothingIsTiedToOnePartitionOrMachine',
    'an ARN of one partition',
    ({ GetUsageRole: role }) => grant(role, 'sns:Publish', 'arn:aws:sns:us-east-1:1:x'),
  ],
  [
    'nothingIsTiedToOnePartitionOrMachine',
    'a condition left over',
    ({ HttpApi: api }) => set(api, 'Description', { 'Fn::If': ['HasDomain', 'a', 'b'] }),
  ],
]

function set(target: Properties | undefined, name: string, value: unknown) {
  if (!target) throw new Error(`Nothing there to give a ${name}`)
  target[name] = value
}

function grant(role: Properties | undefined, Action: string, Resource: unknown) {
  role?.['Policies'][0].PolicyDocument.Statement.push({ Effect: 'Allow', Action, Resource })
}

function inBody(dashboard: Properties | undefined, from: string, to: string) {
  const body = dashboard?.['DashboardBody']
  body['Fn::Sub'] = body['Fn::Sub'].replaceAll(from, to)
}
