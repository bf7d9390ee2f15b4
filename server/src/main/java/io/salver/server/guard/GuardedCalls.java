package io.salver.server.guard;

import io.salver.server.access.AccessControl;
import io.salver.server.access.AccessTable;
import io.salver.server.access.Principal;
import io.salver.server.access.Refusal;
import io.salver.server.grpc.CallGate;
import io.salver.server.grpc.GrpcCall;
import io.salver.server.grpc.GrpcStatus;

/** Lets in the calls that whoever calls may make. Thread-safe. */
public final class GuardedCalls implements CallGate {
  /** How long a client is asked to wait before it tries again by itself, in milliseconds. */
  private static final String PUSHBACK = "grpc-retry-pushback-ms";

  private final AccessTable table;
  private final AccessControl access;

  /** Calls as the table and the settings have it. */
  public GuardedCalls(AccessTable table, AccessControl access) {
    this.table = table;
    this.access = access;
  }

  @Override
  public void enter(String fullName, GrpcCall call, Runnable admit) {
    access.enter(table.ofRpc(fullName), call, call.loop(), new Entry(call, admit));
  }

  private record Entry(GrpcCall call, Runnable admit) implements AccessControl.Outcome {
    @Override
    public void admitted(Principal principal) {
      call.actAs(principal);
      admit.run();
    }

    @Override
    public void refused(Refusal refusal) {
      fail(call, refusal);
    }
  }

  @Override
  public boolean takeMessage(GrpcCall call) {
    Refusal refusal = access.takeMore(call.principal());
    if (refusal != null) {
      fail(call, refusal);
    }
    return refusal == null;
  }

  private static void fail(GrpcCall call, Refusal refusal) {
    if (!refusal.retryAfter().isZero()) {
      call.addTrailer(PUSHBACK, Long.toString(refusal.retryAfter().toMillis() + 1));
    }
    call.fail(
        switch (refusal.reason()) {
          case NO_CREDENTIALS, BAD_CREDENTIALS -> GrpcStatus.UNAUTHENTICATED;
          case FORBIDDEN -> GrpcStatus.PERMISSION_DENIED;
          case LIMITED, SLOWED -> GrpcStatus.RESOURCE_EXHAUSTED;
          case BUSY -> GrpcStatus.UNAVAILABLE;
        },
        refusal.message());
  }
}
