package io.salver.engine.onnx;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.engine.PerSignature;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import java.util.Map;

/** A session of ONNX Runtime. Any number of threads may run it at once. */
final class OnnxModel implements LoadedModel {
  private static final int MAX_OTHER_PLANS = 64;

  private final OrtRuntime runtime;
  private final long session;
  private final SessionPorts ports;
  private final long memoryBytes;
  private final RunPlan ownPlan;
  private final PerSignature<RunPlan> otherPlans;
  private volatile boolean closed;
  private volatile boolean declaredShapesHold = true;

  OnnxModel(OrtRuntime runtime, long session, SessionPorts ports, long memoryBytes) {
    this.runtime = runtime;
    this.session = session;
    this.ports = ports;
    this.memoryBytes = memoryBytes;
    this.ownPlan = RunPlan.of(ports.signature(), ports);
    this.otherPlans =
        new PerSignature<>(MAX_OTHER_PLANS, signature -> RunPlan.of(signature, ports));
  }

  @Override
  public Map<String, Signature> signatures() {
    return Map.of(Signature.DEFAULT_NAME, ports.signature());
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    if (closed) {
      throw new ServingException(Category.INTERNAL, "model: run after it was closed");
    }
    batch.refuseLate("the model was run");
    RunPlan plan = plan(batch.signature());
    try {
      if (!declaredShapesHold) {
        new OnnxRun(runtime, session, plan, batch, false).run();
      } else if (!runIntoArena(plan, batch)) {
        new OnnxRun(runtime, session, plan, batch, false).run();
        declaredShapesHold = false;
      }
    } catch (OrtException e) {
      Category category = e.isInvalidArgument() ? Category.INVALID_ARGUMENT : Category.INTERNAL;
      throw new ServingException(category, "ONNX Runtime: " + e.getMessage());
    }
  }

  /**
   * Runs with outputs in the batch's memory where their shapes are declared.
   *
   * @return false if an output seems to have another shape than the model declares, which a run
   *     that leaves outputs to the runtime confirms by succeeding
   */
  private boolean runIntoArena(RunPlan plan, Batch batch) {
    try {
      new OnnxRun(runtime, session, plan, batch, true).run();
      return true;
    } catch (OrtException e) {
      if (!OnnxRun.isAboutOutputShape(e)) {
        throw e;
      }
      return false;
    }
  }

  private RunPlan plan(Signature signature) {
    return signature == ownPlan.signature() ? ownPlan : otherPlans.get(signature);
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      runtime.api().releaseSession(session);
      ports.close();
    }
  }
}
