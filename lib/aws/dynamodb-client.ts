import { type AwsAccess, awsJsonClient } from './json-client.ts'

/** DynamoDB. Five of these in a row and the provider's 8 s stay within the function's 20 s. */
export function dynamoDbClient(access: AwsAccess) {
  return awsJsonClient(access, {
    name: 'dynamodb',
    target: 'DynamoDB_20120810',
    jsonVersion: '1.0',
    attemptMs: 1000,
    maxAttempts: 3,
  })
}
