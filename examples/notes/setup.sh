#!/usr/bin/env bash
# Makes what the example needs, with the AWS CLI: a user pool with two people,
# an identity pool that lets them in, a role whose policy says what they may do
# in the service, and the service's own IAM user, who may ask.
#
#   setup.sh URL DIR     URL of Cenote; DIR gets config.json and service.env
set -euo pipefail
url=$1 dir=$2
export AWS_PAGER='' AWS_EC2_METADATA_DISABLED=true AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1}
region=$AWS_DEFAULT_REGION
aws() { command aws --endpoint-url "$url" "$@"; }

account=$(aws sts get-caller-identity --query Account --output text)

# People.
pool=$(aws cognito-idp create-user-pool --pool-name notes --query UserPool.Id --output text)
client=$(aws cognito-idp create-user-pool-client --user-pool-id "$pool" --client-name web \
  --explicit-auth-flows ALLOW_USER_PASSWORD_AUTH ALLOW_REFRESH_TOKEN_AUTH --query UserPoolClient.ClientId --output text)
for name in alice bob; do
  aws cognito-idp admin-create-user --user-pool-id "$pool" --username $name --message-action SUPPRESS >/dev/null
  aws cognito-idp admin-set-user-password --user-pool-id "$pool" --username $name --password Correct-Horse-1 --permanent
done

# What signed-in people are in the service: a role that they take on through
# the identity pool. Each has a place of their own, named by the identity, and
# may read what others call public.
identities=$(aws cognito-identity create-identity-pool --identity-pool-name notes --no-allow-unauthenticated-identities \
  --cognito-identity-providers "ProviderName=cognito-idp.$region.amazonaws.com/$pool,ClientId=$client" \
  --query IdentityPoolId --output text)
role=notes-people-${identities##*-}
arn=$(aws iam create-role --role-name "$role" --query Role.Arn --output text --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Federated": "cognito-identity.amazonaws.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
      "StringEquals": {"cognito-identity.amazonaws.com:aud": "'"$identities"'"},
      "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}
    }
  }
}')
aws iam put-role-policy --role-name "$role" --policy-name notes --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "notes:*",
      "Resource": "arn:aws:notes:'"$region:$account"':note/${cognito-identity.amazonaws.com:sub}/*"
    },
    {
      "Effect": "Allow",
      "Action": "notes:GetNote",
      "Resource": "arn:aws:notes:'"$region:$account"':note/*/public-*"
    }
  ]
}'
aws cognito-identity set-identity-pool-roles --identity-pool-id "$identities" --roles "authenticated=$arn"

# The service itself.
service=notes-service-${identities##*-}
aws iam create-user --user-name "$service" >/dev/null
aws iam put-user-policy --user-name "$service" --policy-name ask --policy-document '{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "cenote:Authorize",
    "Resource": "arn:aws:notes:'"$region:$account"':note/*",
    "Condition": {"StringEquals": {"cenote:Service": "notes"}, "StringLike": {"cenote:Action": "notes:*"}}
  }
}'

mkdir -p "$dir"
umask 077
aws iam create-access-key --user-name "$service" --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text |
  { read -r id secret; printf 'AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n' "$id" "$secret"; } >"$dir/service.env"
cat >"$dir/config.json" <<JSON
{"cenote": "$url", "account": "$account", "region": "$region", "userPoolId": "$pool", "clientId": "$client", "identityPoolId": "$identities"}
JSON
echo "wrote $dir/config.json and $dir/service.env"
