package io.salver.routing;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Has a stacking model answer: it gets the members' floating-point outputs side by side, a row for
 * each row, in the order of members and outputs, and the members' mean for those that are missing.
 */
final class StackedRun {
  private final ActiveEndpoint endpoint;
  private final Route route;
  private final PredictRequest request;
  private final EndpointLease lease;
  private final Map<String, Object> defaults;

  /**
   * A run of the stacking model that {@code route} leads to.
   *
   * @param defaults what is answered if it fails; empty if the failure is
   */
  StackedRun(
      ActiveEndpoint endpoint,
      Route route,
      PredictRequest request,
      EndpointLease lease,
      Map<String, Object> defaults) {
    this.endpoint = endpoint;
    this.route = route;
    this.request = request;
    this.lease = lease;
    this.defaults = defaults;
  }

  /**
   * Answers.
   *
   * @param answers what the members said
   * @param mean of those that have
   * @param release gives back what {@code answers} lie in; run once they have been read
   */
  void start(MemberOutputs answers, EnsembleAnswer mean, Runnable release, Reply reply) {
    TensorArena memory = endpoint.parts().arenas().take();
    SharedLease version = null;
    PredictRequest leg;
    try {
      version = new SharedLease(endpoint.parts().models().lease(route.model(), route.selector()));
      Signature signature = version.lease().model().defaultSignature();
      checkOutputs(signature);
      leg =
          new PredictRequest(
              version.lease(),
              signature,
              new Tensor[] {features(signature, answers, mean, memory)},
              null,
              memory,
              request.receivedNs(),
              request.deadlineNs());
    } catch (RuntimeException e) {
      release.run();
      memory.close();
      if (version != null) {
        version.close();
      }
      failed(Legs.failure(e), reply);
      return;
    }
    release.run();
    SharedLease held = version;
    Runnable cancel = leg::cancel;
    if (!request.awaitCancel(cancel)) {
      memory.close();
      held.close();
      failed(Legs.cancelled(), reply);
      return;
    }
    held.lease()
        .predictor()
        .predict(
            leg,
            new Reply() {
              @Override
              public void succeeded(PredictRequest answered) {
                boolean unused = request.endAwait(cancel);
                lease.attach(() -> {
                  memory.close();
                  held.close();
                });
                request.setOutputs(outputs(answered));
                reply.succeeded(request);
              }

              @Override
              public void failed(PredictRequest failed, ServingException failure) {
                boolean unused = request.endAwait(cancel);
                memory.close();
                held.close();
                StackedRun.this.failed(failure, reply);
              }
            });
  }

  /** Callers know nothing of a stacking model: what goes wrong with it is never their doing. */
  private void failed(ServingException failure, Reply reply) {
    boolean blamesCaller =
        failure.category().actor() == Category.Actor.CALLER
            && failure.category() != Category.CANCELLED;
    ServingException own =
        blamesCaller
            ? new ServingException(
                Category.UNAVAILABLE,
                "stacking model " + route + ": " + failure.getMessage(),
                failure)
            : failure;
    DefaultStage.answer(request, lease, defaults, own, reply);
  }

  private Tensor features(
      Signature signature, MemberOutputs answers, EnsembleAnswer mean, TensorArena memory) {
    TensorSpec input = signature.inputs().getFirst();
    int rows = (int) request.rows();
    int width = 0;
    @Nullable Tensor[] average = mean.outputs();
    for (Tensor output : average) {
      width +=
          output != null && Floats.isFloat(output.dtype()) ? (int) Labels.rowElements(output) : 0;
    }
    width *= answers.members();
    if (signature.inputs().size() != 1
        || !Floats.isFloat(input.dtype())
        || !input.shape().accepts(Shape.of(rows, width))) {
      throw new ServingException(
          Category.FAILED_PRECONDITION,
          signature.inputs()
              + " (expected: one input of "
              + DType.FLOAT32
              + Shape.of(rows, width)
              + ", the members' outputs)");
    }
    Tensor features = memory.allocate(input.dtype(), Shape.of(rows, width));
    int column = 0;
    for (int m = 0; m < answers.members(); m++) {
      for (int i = 0; i < average.length; i++) {
        Tensor own = answers.get(m, i);
        Tensor output = own == null ? average[i] : own;
        if (output != null && Floats.isFloat(output.dtype())) {
          int elements = (int) Labels.rowElements(output);
          for (int row = 0; row < rows; row++) {
            for (int e = 0; e < elements; e++) {
              Floats.set(
                  features,
                  (long) row * width + column + e,
                  Floats.get(output, (long) row * elements + e));
            }
          }
          column += elements;
        }
      }
    }
    return features;
  }

  private void checkOutputs(Signature stack) {
    for (TensorSpec wanted : request.signature().outputs()) {
      int at = stack.outputIndex(wanted.name());
      if (at < 0 || stack.outputs().get(at).dtype() != wanted.dtype()) {
        throw new ServingException(
            Category.FAILED_PRECONDITION,
            "no output "
                + wanted.dtype()
                + " \""
                + wanted.name()
                + "\" (expected: the members' outputs)");
      }
    }
  }

  private Tensor[] outputs(PredictRequest answered) {
    return request.signature().outputs().stream()
        .map(wanted -> answered.output(answered.signature().outputIndex(wanted.name())))
        .toArray(Tensor[]::new);
  }
}
