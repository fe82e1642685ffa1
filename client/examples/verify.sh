{
  printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
  if [ -n "$AWS_SESSION_TOKEN" ]; then
    printf 'header = "x-amz-security-token: %s"\n' "$AWS_SESSION_TOKEN"
  fi
} | curl "$API/v1/verifications/two-element" --config - \
  --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" \
  --header 'content-type: application/json' \
  --header 'idempotency-key: payout-8841' \
  --data-binary @person.json \
  --max-time 31 --silent --show-error
