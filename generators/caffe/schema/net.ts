/**
 * Messages of a net file, condensed from the names, types, field numbers and defaults of BVLC/caffe
 * src/caffe/proto/caffe.proto (2020-02-13). Field numbers are kept so that binary files read with the same schema.
 */
export const netSchema = `
enum Phase { TRAIN = 0; TEST = 1; }

message BlobShape { repeated int64 dim = 1 [packed = true]; }
message BlobProto {
  optional int32 num = 1; optional int32 channels = 2; optional int32 height = 3; optional int32 width = 4;
  repeated float data = 5 [packed = true]; repeated float diff = 6 [packed = true];
  optional BlobShape shape = 7;
  repeated double double_data = 8 [packed = true]; repeated double double_diff = 9 [packed = true];
}
message FillerParameter {
  optional string type = 1 [default = "constant"];
  optional float value = 2 [default = 0];
  optional float min = 3 [default = 0]; optional float max = 4 [default = 1];
  optional float mean = 5 [default = 0]; optional float std = 6 [default = 1];
  optional int32 sparse = 7 [default = -1];
  enum VarianceNorm { FAN_IN = 0; FAN_OUT = 1; AVERAGE = 2; }
  optional VarianceNorm variance_norm = 8 [default = FAN_IN];
}
message NetState {
  optional Phase phase = 1 [default = TEST]; optional int32 level = 2 [default = 0]; repeated string stage = 3;
}
message NetStateRule {
  optional Phase phase = 1; optional int32 min_level = 2; optional int32 max_level = 3;
  repeated string stage = 4; repeated string not_stage = 5;
}
message ParamSpec {
  optional string name = 1;
  enum DimCheckMode { STRICT = 0; PERMISSIVE = 1; }
  optional DimCheckMode share_mode = 2;
  optional float lr_mult = 3 [default = 1]; optional float decay_mult = 4 [default = 1];
}
message NetParameter {
  optional string name = 1;
  repeated V1LayerParameter layers = 2;
  repeated string input = 3;
  repeated int32 input_dim = 4;
  optional bool force_backward = 5 [default = false];
  optional NetState state = 6;
  optional bool debug_info = 7 [default = false];
  repeated BlobShape input_shape = 8;
  repeated LayerParameter layer = 100;
}
message LayerParameter {
  optional string name = 1; optional string type = 2;
  repeated string bottom = 3; repeated string top = 4;
  repeated float loss_weight = 5; repeated ParamSpec param = 6; repeated BlobProto blobs = 7;
  repeated NetStateRule include = 8; repeated NetStateRule exclude = 9;
  optional Phase phase = 10; repeated bool propagate_down = 11;
  optional TransformationParameter transform_param = 100; optional LossParameter loss_param = 101;
  optional AccuracyParameter accuracy_param = 102; optional ArgMaxParameter argmax_param = 103;
  optional ConcatParameter concat_param = 104; optional ContrastiveLossParameter contrastive_loss_param = 105;
  optional ConvolutionParameter convolution_param = 106; optional DataParameter data_param = 107;
  optional DropoutParameter dropout_param = 108; optional DummyDataParameter dummy_data_param = 109;
  optional EltwiseParameter eltwise_param = 110; optional ExpParameter exp_param = 111;
  optional HDF5DataParameter hdf5_data_param = 112; optional HDF5OutputParameter hdf5_output_param = 113;
  optional HingeLossParameter hinge_loss_param = 114; optional ImageDataParameter image_data_param = 115;
  optional InfogainLossParameter infogain_loss_param = 116; optional InnerProductParameter inner_product_param = 117;
  optional LRNParameter lrn_param = 118; optional MemoryDataParameter memory_data_param = 119;
  optional MVNParameter mvn_param = 120; optional PoolingParameter pooling_param = 121;
  optional PowerParameter power_param = 122; optional ReLUParameter relu_param = 123;
  optional SigmoidParameter sigmoid_param = 124; optional SoftmaxParameter softmax_param = 125;
  optional SliceParameter slice_param = 126; optional TanHParameter tanh_param = 127;
  optional ThresholdParameter threshold_param = 128; optional WindowDataParameter window_data_param = 129;
  optional PythonParameter python_param = 130; optional PReLUParameter prelu_param = 131;
  optional SPPParameter spp_param = 132; optional ReshapeParameter reshape_param = 133;
  optional LogParameter log_param = 134; optional FlattenParameter flatten_param = 135;
  optional ReductionParameter reduction_param = 136; optional EmbedParameter embed_param = 137;
  optional TileParameter tile_param = 138; optional BatchNormParameter batch_norm_param = 139;
  optional ELUParameter elu_param = 140; optional BiasParameter bias_param = 141;
  optional ScaleParameter scale_param = 142; optional InputParameter input_param = 143;
  optional CropParameter crop_param = 144; optional ParameterParameter parameter_param = 145;
  optional RecurrentParameter recurrent_param = 146; optional SwishParameter swish_param = 147;
  optional ClipParameter clip_param = 148;
}
`;
