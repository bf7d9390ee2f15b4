package io.salver.server.tfserving;

import io.salver.model.ModelLease;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the tensors of one {@code PredictRequest} message. Used by one thread, once. */
final class PredictMessageReader {
  /** The field of the message that is its {@code ModelSpec}. */
  static final int MODEL_SPEC = 1;

  private static final int INPUTS = 2;
  private static final int OUTPUT_FILTER = 3;
  private static final int KEY = 1;
  private static final int VALUE = 2;

  private final ProtoReader reader = new ProtoReader();
  private final TensorProtoReader tensors = new TensorProtoReader();
  private final MemorySegment message;
  private final SignaturePlan plan;
  private final TensorArena arena;
  private final @Nullable Tensor[] inputs;
  private boolean @Nullable [] wanted;
  private boolean hasUnknownInput;
  private long keyFrom;
  private long keyTo;
  private long valueFrom;
  private long valueTo;

  private PredictMessageReader(MemorySegment message, SignaturePlan plan, TensorArena arena) {
    this.message = message;
    this.plan = plan;
    this.arena = arena;
    this.inputs = new Tensor[plan.signature().inputs().size()];
  }

  /**
   * The request that {@code message} is.
   *
   * @param signature the signature's name
   * @param priority as {@link PredictRequest#priority}
   * @throws ServingException if the model has no such signature, or inputs, outputs or tensors are
   *     not what it says
   */
  static PredictRequest request(
      MemorySegment message,
      String signature,
      GrpcCodec codec,
      ModelLease lease,
      TensorArena arena,
      long receivedNs,
      long deadlineNs,
      int priority) {
    Signature found = lease.model().signatures().get(signature);
    if (found == null) {
      throw new ServingException(
          Category.FAILED_PRECONDITION, "Serving signature key \"" + signature + "\" not found.");
    }
    SignaturePlan plan = codec.plans().of(lease.version(), found);
    PredictMessageReader reader = new PredictMessageReader(message, plan, arena);
    reader.read();
    return new PredictRequest(
        lease, found, reader.inputs, reader.wanted, arena, receivedNs, deadlineNs, priority, 0);
  }

  private void read() {
    reader.reset(message);
    while (reader.next()) {
      switch (reader.field()) {
        case INPUTS -> readInput();
        case OUTPUT_FILTER -> readFilter();
        default -> reader.skip();
      }
    }
    if (hasUnknownInput || isInputMissing()) {
      throw new InputMismatch(plan.signature(), namesSent()).toException(plan.hasOptionalInputs());
    }
  }

  private void readInput() {
    readEntry();
    int index = plan.inputs().indexOf(message, keyFrom, keyTo);
    if (index < 0) {
      hasUnknownInput = true;
      return;
    }
    inputs[index] =
        tensors.read(message, valueFrom, valueTo, plan.signature().inputs().get(index), arena);
  }

  private void readEntry() {
    keyFrom = 0;
    keyTo = 0;
    valueFrom = 0;
    valueTo = 0;
    long outer = reader.enter();
    while (reader.next()) {
      switch (reader.field()) {
        case KEY -> {
          long entry = reader.enter();
          keyFrom = reader.position();
          keyTo = reader.end();
          reader.leave(entry);
        }
        case VALUE -> {
          long entry = reader.enter();
          valueFrom = reader.position();
          valueTo = reader.end();
          reader.leave(entry);
        }
        default -> reader.skip();
      }
    }
    reader.leave(outer);
  }

  private void readFilter() {
    long outer = reader.enter();
    int index = plan.outputs().indexOf(message, reader.position(), reader.end());
    String alias = index < 0 ? text(reader.position(), reader.end()) : "";
    reader.leave(outer);
    if (index < 0) {
      throw unknownOutput(plan.signature(), alias);
    }
    if (wanted == null) {
      wanted = new boolean[plan.signature().outputs().size()];
    } else if (wanted[index]) {
      throw ServingException.invalid(
          "duplicate output tensor alias: " + plan.signature().outputs().get(index).name());
    }
    wanted[index] = true;
  }

  private static ServingException unknownOutput(Signature signature, String alias) {
    return ServingException.invalid(
        "output tensor alias not found in signature: "
            + alias
            + " Outputs expected to be in the set "
            + InputMismatch.set(InputMismatch.names(signature.outputs()))
            + ".");
  }

  private boolean isInputMissing() {
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i] == null && !plan.signature().inputs().get(i).optional()) {
        return true;
      }
    }
    return false;
  }

  private SortedSet<String> namesSent() {
    SortedSet<String> names = new TreeSet<>();
    reader.reset(message);
    while (reader.next()) {
      if (reader.field() == INPUTS) {
        readEntry();
        names.add(text(keyFrom, keyTo));
      } else {
        reader.skip();
      }
    }
    return names;
  }

  private String text(long from, long to) {
    byte[] bytes = message.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
