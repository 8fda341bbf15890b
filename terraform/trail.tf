locals {
  own_bucket   = var.create_trail && var.trail_bucket == null
  trail_bucket = local.own_bucket ? one(aws_s3_bucket.trail[*].bucket) : var.trail_bucket
  trail_arn    = "arn:${local.partition}:cloudtrail:${local.region}:${local.account}:trail/${var.name}"
}

resource "aws_cloudtrail" "this" {
  count = var.create_trail ? 1 : 0

  region                        = var.region
  name                          = var.name
  s3_bucket_name                = local.trail_bucket
  include_global_service_events = false
  is_multi_region_trail         = false
  enable_log_file_validation    = true
  tags                          = var.tags

  event_selector {
    include_management_events        = true
    read_write_type                  = "WriteOnly"
    exclude_management_event_sources = ["kms.amazonaws.com"]
  }

  depends_on = [aws_s3_bucket_policy.trail]
}

resource "aws_s3_bucket" "trail" {
  count = local.own_bucket ? 1 : 0

  region        = var.region
  bucket        = "${var.name}-trail-${local.account}-${local.region}"
  force_destroy = var.trail_bucket_force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "trail" {
  count = local.own_bucket ? 1 : 0

  region                  = var.region
  bucket                  = aws_s3_bucket.trail[0].bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "trail" {
  count = local.own_bucket ? 1 : 0

  region = var.region
  bucket = aws_s3_bucket.trail[0].bucket

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TrailAsks"
        Effect    = "Allow"
        Action    = "s3:GetBucketAcl"
        Resource  = aws_s3_bucket.trail[0].arn
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
      },
      {
        Sid       = "TrailWrites"
        Effect    = "Allow"
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.trail[0].arn}/AWSLogs/${local.account}/*"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn, "s3:x-amz-acl" = "bucket-owner-full-control" } }
      },
      {
        Sid       = "RefuseWithoutTls"
        Effect    = "Deny"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.trail[0].arn, "${aws_s3_bucket.trail[0].arn}/*"]
        Principal = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  # Two changes of one bucket at a time: S3 refuses the second.
  depends_on = [aws_s3_bucket_public_access_block.trail]
}
