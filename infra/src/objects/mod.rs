//! Object stores for photos: Aliyun OSS (signature V4, or V1 through Aliyun's SDK) and local files.
