import os

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

with open("person.json", "rb") as file:
    person = file.read()

request = AWSRequest(
    "POST",
    os.environ["API"] + "/v1/verifications/two-element",
    data=person,
    headers={"content-type": "application/json", "idempotency-key": "payout-8841"},
)
credentials = Session().get_credentials()
SigV4Auth(credentials, "execute-api", os.environ["AWS_REGION"]).add_auth(request)

answer = requests.post(
    request.url,
    data=person,
    headers=dict(request.headers),
    allow_redirects=False,
    timeout=31,
)
if answer.status_code == 200:
    verification = answer.json()
    print(verification["verdict"], verification["billable"])
elif answer.headers.get("content-type") == "application/problem+json":
    problem = answer.json()
    print(problem["code"], problem["billable"])
else:
    # The gateway's own answer: after a 5xx the outcome is unknown.
    print("HTTP", answer.status_code)
