package io.salver.engine.tflite;

/**
 * What computes a model's operators in place of the library's own kernels: a delegate, or nothing.
 */
sealed interface Kernels permits Kernels.Plain, Kernels.Xnnpack, ExternalDelegate {
  /**
   * The library's pointer to a delegate, for one interpreter, which it must outlive.
   *
   * @return 0 for none
   * @throws Interpreter.RefusedException if there is to be one, and it cannot be had
   */
  long create();

  /** Deletes what {@link #create} made. */
  void delete(long delegate);

  /** The library's own kernels. */
  record Plain() implements Kernels {
    @Override
    public long create() {
      return 0;
    }

    @Override
    public void delete(long delegate) {}
  }

  /** XNNPACK's, which come with the library. */
  record Xnnpack(TfliteApi api, int threads) implements Kernels {
    @Override
    public long create() {
      long delegate = api.createXnnpack(threads);
      if (delegate == 0) {
        throw new Interpreter.RefusedException("XNNPACK cannot be had on this machine");
      }
      return delegate;
    }

    @Override
    public void delete(long delegate) {
      api.deleteXnnpack(delegate);
    }
  }
}
