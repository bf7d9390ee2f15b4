package io.salver.server.grpc;

/** Lets calls in. Called by all event loops. */
public interface CallGate {
  /** Lets in every call. */
  CallGate OPEN =
      new CallGate() {
        @Override
        public void enter(String fullName, GrpcCall call, Runnable admit) {
          admit.run();
        }

        @Override
        public boolean takeMessage(GrpcCall call) {
          return true;
        }
      };

  /**
   * Called on the call's loop when its headers are there. Runs {@code admit} on the loop, now or
   * later, or fails the call.
   *
   * @param fullName of the method, as {@code pkg.Service/Method}
   */
  void enter(String fullName, GrpcCall call, Runnable admit);

  /**
   * Called for each message of a streaming call but the first, before it is handled.
   *
   * @return whether it is to be handled; if not, the call has been failed
   */
  boolean takeMessage(GrpcCall call);
}
