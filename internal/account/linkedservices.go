package account

// linkedService is a service that has a role of its own in accounts.
type linkedService struct {
	role   string // after "AWSServiceRoleFor"
	policy string // in the catalogue of AWS's policies; empty: not in it
	suffix bool   // an account may have several, told apart by a suffix
}

// linkedServices are the services whose roles infrastructure tools create
// (their user guides, "Using service-linked roles").
var linkedServices = map[string]linkedService{
	"autoscaling.amazonaws.com":                       {role: "AutoScaling", suffix: true},
	"connect.amazonaws.com":                           {role: "AmazonConnect", suffix: true},
	"lexv2.amazonaws.com":                             {role: "LexV2Bots", suffix: true},
	"email.cognito-idp.amazonaws.com":                 {role: "AmazonCognitoIdpEmailService", policy: "AmazonCognitoIdpEmailServiceRolePolicy"},
	"cognito-idp.amazonaws.com":                       {role: "AmazonCognitoIdp"},
	"access-analyzer.amazonaws.com":                   {role: "AccessAnalyzer"},
	"apprunner.amazonaws.com":                         {role: "AppRunner"},
	"appsync.amazonaws.com":                           {role: "AppSync"},
	"backup.amazonaws.com":                            {role: "Backup"},
	"batch.amazonaws.com":                             {role: "Batch"},
	"cloudtrail.amazonaws.com":                        {role: "CloudTrail"},
	"config.amazonaws.com":                            {role: "Config"},
	"dax.amazonaws.com":                               {role: "DAX"},
	"dynamodb.application-autoscaling.amazonaws.com":  {role: "ApplicationAutoScaling_DynamoDBTable"},
	"ecs.amazonaws.com":                               {role: "ECS"},
	"ecs.application-autoscaling.amazonaws.com":       {role: "ApplicationAutoScaling_ECSService"},
	"eks.amazonaws.com":                               {role: "AmazonEKS"},
	"eks-fargate.amazonaws.com":                       {role: "AmazonEKSForFargate"},
	"eks-nodegroup.amazonaws.com":                     {role: "AmazonEKSNodegroup"},
	"elasticache.amazonaws.com":                       {role: "ElastiCache"},
	"elasticbeanstalk.amazonaws.com":                  {role: "ElasticBeanstalk"},
	"elasticfilesystem.amazonaws.com":                 {role: "AmazonElasticFileSystem"},
	"elasticloadbalancing.amazonaws.com":              {role: "ElasticLoadBalancing"},
	"elasticmapreduce.amazonaws.com":                  {role: "EMRCleanup"},
	"es.amazonaws.com":                                {role: "AmazonElasticsearchService"},
	"globalaccelerator.amazonaws.com":                 {role: "GlobalAccelerator"},
	"guardduty.amazonaws.com":                         {role: "AmazonGuardDuty"},
	"inspector2.amazonaws.com":                        {role: "AmazonInspector2"},
	"kafka.amazonaws.com":                             {role: "Kafka"},
	"lambda.application-autoscaling.amazonaws.com":    {role: "ApplicationAutoScaling_LambdaConcurrency"},
	"macie.amazonaws.com":                             {role: "AmazonMacie"},
	"observability.aoss.amazonaws.com":                {role: "AmazonOpenSearchServerless"},
	"opensearchservice.amazonaws.com":                 {role: "AmazonOpenSearchService"},
	"ops.apigateway.amazonaws.com":                    {role: "APIGateway"},
	"organizations.amazonaws.com":                     {role: "Organizations"},
	"rds.amazonaws.com":                               {role: "RDS"},
	"rds.application-autoscaling.amazonaws.com":       {role: "ApplicationAutoScaling_RDSCluster"},
	"redshift.amazonaws.com":                          {role: "Redshift"},
	"replication.dynamodb.amazonaws.com":              {role: "DynamoDBReplication"},
	"replicator.lambda.amazonaws.com":                 {role: "LambdaReplicator"},
	"sagemaker.application-autoscaling.amazonaws.com": {role: "ApplicationAutoScaling_SageMakerEndpoint"},
	"securityhub.amazonaws.com":                       {role: "SecurityHub"},
	"spot.amazonaws.com":                              {role: "EC2Spot"},
	"spotfleet.amazonaws.com":                         {role: "EC2SpotFleet"},
	"ssm.amazonaws.com":                               {role: "AmazonSSM"},
	"sso.amazonaws.com":                               {role: "SSO"},
	"support.amazonaws.com":                           {role: "Support"},
	"transitgateway.amazonaws.com":                    {role: "VPCTransitGateway"},
	"trustedadvisor.amazonaws.com":                    {role: "TrustedAdvisor"},
	"wafv2.amazonaws.com":                             {role: "WAFV2Logging"},
}
