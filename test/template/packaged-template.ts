import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { copyProject } from '../local/project-copy.ts'

/** Whatever CloudFormation wants there: as loose as `JSON.parse` leaves it. */
export type Properties = Record<string, ReturnType<typeof JSON.parse>>
export type Resource = {
  Type: string
  DeletionPolicy?: string
  UpdateReplacePolicy?: string
  Properties: Properties
}
export type Template = { Resources: Record<string, Resource>; Outputs: Record<string, Properties> }

const PARTS = ['scripts', 'lib', 'handlers']
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d'
const CERTIFICATE = 'arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d'

/** The deployments that the checks look at: together they use every optional parameter. */
export const variants = {
  plain: { stage: 'dev', region: 'ap-southeast-1', params: {} },
  hardened: {
    stage: 'prod',
    region: 'eu-central-1',
    params: {
      kmsKeyArn: KEY,
      subnetIds: 'subnet-0a1b2c3d,subnet-4e5f6a7b',
      securityGroupIds: 'sg-8c9d0e1f',
      domainName: 'verify.example.com',
      certificateArn: CERTIFICATE,
      alarmEmail: 'ops@example.com',
      reservedConcurrency: '20',
      provisionedConcurrency: '2',
    },
  },
  china: {
    stage: 'prod',
    region: 'cn-north-1',
    params: {
      authorizer: 'jwt',
      jwtIssuer: 'https://login.example.com',
      jwtAudience: 'payouts,onboarding',
      juheChannel: 'plain',
      alarmTopicArn: 'arn:aws-cn:sns:cn-north-1:111122223333:alarms',
      throttleRate: '7',
      throttleBurst: '9',
    },
  },
} satisfies Record<string, { stage: string; region: string; params: Record<string, string> }>
export type Variant = keyof typeof variants

export async function packageVariant(variant: Variant): Promise<Template> {
  const { stage, region, params } = variants[variant]
  const { exitCode, output, template } = await packageWith(stage, region, params)
  if (!template) throw new Error(`sls package ended with ${exitCode}:\n${output}`)
  return template
}

/** Runs `sls package` in a copy of the project. */
export async function packageWith(stage: string, region: string, params: Record<string, string>) {
  const project = await copyProject(PARTS)
  try {
    const given = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`)
    const args = ['package', '--stage', stage, '--region', region, ...given]
    const { exitCode, output } = await project.sls(args)
    const file = path.join(project.dir, '.serverless/cloudformation-template-update-stack.json')
    const text = exitCode === 0 ? await readFile(file, 'utf8') : undefined
    const template: Template | undefined = text === undefined ? undefined : JSON.parse(text)
    return { exitCode, output, template }
  } finally {
    await project.remove()
  }
}
