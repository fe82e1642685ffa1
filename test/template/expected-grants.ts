/** What each function may do, and nothing else: `action on resource`. */
export const functionKeys = [
  'verifyThreeElement',
  'verifyTwoElement',
  'getVerification',
  'listVerifications',
  'getUsage',
] as const
export type FunctionKey = (typeof functionKeys)[number]

const ledger = [
  'dynamodb:GetItem on LedgerTable.Arn',
  'dynamodb:UpdateItem on LedgerTable.Arn',
  'dynamodb:DeleteItem on LedgerTable.Arn where key#*',
]
const pepper = 'secretsmanager:GetSecretValue on FingerprintSecret'
const ownSecret = (provider: string) =>
  `secretsmanager:GetSecretValue on arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:bankcard-verify/STAGE/${provider}-??????`

const own: Record<FunctionKey, string[]> = {
  verifyThreeElement: [...ledger, pepper, ownSecret('databao')],
  verifyTwoElement: [...ledger, pepper, ownSecret('juhe')],
  getVerification: ['dynamodb:GetItem on LedgerTable.Arn where verification#*'],
  listVerifications: ['dynamodb:Query on ${LedgerTable.Arn}/index/byReference'],
  getUsage: ['dynamodb:Query on LedgerTable.Arn where usage#*'],
}

/** AWS offers no resource for these: X-Ray's, and what Lambda checks before it enters a VPC. */
export const onAnything = {
  trace: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  vpc: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
}

export function expectedGrants(
  key: FunctionKey,
  { stage, kmsKeyArn, inVpc }: { stage: string; kmsKeyArn?: string | undefined; inVpc: boolean },
): string[] {
  const logGroup = `${key[0]?.toUpperCase()}${key.slice(1)}LogGroup.Arn`
  return [
    `logs:CreateLogStream on ${logGroup}`,
    `logs:PutLogEvents on ${logGroup}`,
    ...[...onAnything.trace, ...(inVpc ? onAnything.vpc : [])].map((action) => `${action} on *`),
    ...(kmsKeyArn ? [`kms:Decrypt on ${kmsKeyArn}`] : []),
    ...own[key].map((grant) => grant.replace('STAGE', stage)),
  ].sort()
}
