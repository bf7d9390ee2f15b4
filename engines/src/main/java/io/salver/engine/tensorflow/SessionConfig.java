package io.salver.engine.tensorflow;

import io.salver.engine.EngineOptions;
import io.salver.wire.ProtoWriter;

/** What sessions are made with, as a {@code ConfigProto}. */
final class SessionConfig {
  private static final int DEVICE_COUNT = 1;
  private static final int INTRA_OP_THREADS = 2;
  private static final int INTER_OP_THREADS = 5;
  private static final int GPU_OPTIONS = 6;
  private static final int SOFT_PLACEMENT = 7;
  private static final int PER_SESSION_THREADS = 9;

  /** Instead of a number of threads: operations run on the thread that calls. */
  private static final int CALLER = -1;

  private static final int ALLOW_GROWTH = 4;
  private static final int VISIBLE_DEVICES = 5;
  private static final int EXPERIMENTAL = 9;
  private static final int VIRTUAL_DEVICES = 1;
  private static final int MEMORY_LIMIT_MIB = 1;

  private SessionConfig() {}

  static ProtoWriter of(EngineOptions options) {
    ProtoWriter config = new ProtoWriter().int64(INTRA_OP_THREADS, options.intraOpThreads());
    if (options.interOpThreads() == 1) {
      config.int64(INTER_OP_THREADS, CALLER);
    } else {
      config.int64(INTER_OP_THREADS, options.interOpThreads()).int64(PER_SESSION_THREADS, 1);
    }
    if (options.device().isCpu()) {
      return config.message(DEVICE_COUNT, new ProtoWriter().string(1, "GPU").int64(2, 0));
    }
    return config.message(GPU_OPTIONS, gpu(options)).int64(SOFT_PLACEMENT, 1);
  }

  /** Without growth TensorFlow would take all of the GPU's memory at once. */
  private static ProtoWriter gpu(EngineOptions options) {
    ProtoWriter gpu =
        new ProtoWriter()
            .int64(ALLOW_GROWTH, 1)
            .string(VISIBLE_DEVICES, Integer.toString(options.device().index()));
    if (options.deviceMemoryLimitBytes() > 0) {
      float limitMib = (float) options.deviceMemoryLimitBytes() / (1 << 20);
      gpu.message(
          EXPERIMENTAL,
          new ProtoWriter()
              .message(
                  VIRTUAL_DEVICES, new ProtoWriter().packedFloat32(MEMORY_LIMIT_MIB, limitMib)));
    }
    return gpu;
  }
}
