/** The message of a solver file; see `net.ts`. */
export const solverSchema = `
message SolverParameter {
  optional string train_net = 1; repeated string test_net = 2; repeated int32 test_iter = 3;
  optional int32 test_interval = 4 [default = 0]; optional float base_lr = 5; optional int32 display = 6;
  optional int32 max_iter = 7; optional string lr_policy = 8; optional float gamma = 9; optional float power = 10;
  optional float momentum = 11; optional float weight_decay = 12; optional int32 stepsize = 13;
  optional int32 snapshot = 14 [default = 0]; optional string snapshot_prefix = 15;
  optional bool snapshot_diff = 16 [default = false];
  enum SolverMode { CPU = 0; GPU = 1; }
  optional SolverMode solver_mode = 17 [default = GPU]; optional int32 device_id = 18 [default = 0];
  optional bool test_compute_loss = 19 [default = false]; optional int64 random_seed = 20 [default = -1];
  optional NetParameter train_net_param = 21; repeated NetParameter test_net_param = 22;
  optional bool debug_info = 23 [default = false]; optional string net = 24; optional NetParameter net_param = 25;
  optional NetState train_state = 26; repeated NetState test_state = 27;
  optional bool snapshot_after_train = 28 [default = true]; optional string regularization_type = 29 [default = "L2"];
  enum SolverType { SGD = 0; NESTEROV = 1; ADAGRAD = 2; RMSPROP = 3; ADADELTA = 4; ADAM = 5; }
  optional SolverType solver_type = 30 [default = SGD]; optional float delta = 31 [default = 1e-8];
  optional bool test_initialization = 32 [default = true]; optional int32 average_loss = 33 [default = 1];
  repeated int32 stepvalue = 34; optional float clip_gradients = 35 [default = -1];
  optional int32 iter_size = 36 [default = 1];
  enum SnapshotFormat { HDF5 = 0; BINARYPROTO = 1; }
  optional SnapshotFormat snapshot_format = 37 [default = BINARYPROTO]; optional float rms_decay = 38 [default = 0.99];
  optional float momentum2 = 39 [default = 0.999]; optional string type = 40 [default = "SGD"];
  optional bool layer_wise_reduce = 41 [default = true]; repeated string weights = 42;
}
`;
