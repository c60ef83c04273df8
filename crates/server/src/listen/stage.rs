//! How far stopping has come: everything that runs for a listener holds one end of this.

use tokio::sync::watch;

/// The stages of a server's life, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Connections are accepted and requests answered.
    Serving,
    /// Nothing new is accepted; requests in flight are answered.
    Draining,
    /// Nothing is waited for any more.
    Closing,
}

/// What moves the stage on. When it is dropped, the stage is [`Stage::Closing`].
pub(super) struct StageControl(watch::Sender<Stage>);

impl StageControl {
    pub(super) fn new() -> (Self, Stages) {
        let (sender, receiver) = watch::channel(Stage::Serving);
        (Self(sender), Stages(receiver))
    }

    pub(super) fn enter(&self, stage: Stage) {
        self.0.send_replace(stage);
    }
}

/// What waits for a stage.
#[derive(Clone)]
pub(super) struct Stages(watch::Receiver<Stage>);

impl Stages {
    /// Waits until nothing new is to be begun.
    pub(super) async fn draining(&mut self) {
        self.reached(Stage::Draining).await;
    }

    /// Waits until nothing is waited for any more.
    pub(super) async fn closing(&mut self) {
        self.reached(Stage::Closing).await;
    }

    async fn reached(&mut self, stage: Stage) {
        // An error means that the control is gone, and with it whoever would wait for us.
        let _ = self.0.wait_for(|now| *now >= stage).await;
    }
}
