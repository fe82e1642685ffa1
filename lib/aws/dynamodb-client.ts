import { type AwsAccess, awsJsonClient } from './json-client.ts'

/** DynamoDB. Three of these in a row, at 3.3 s each, and the provider's 8 s leave time of the function's 20 s. */
export function dynamoDbClient(access: AwsAccess) {
  return awsJsonClient(access, {
    name: 'dynamodb',
    target: 'DynamoDB_20120810',
    jsonVersion: '1.0',
    attemptMs: 1000,
    maxAttempts: 3,
  })
}
