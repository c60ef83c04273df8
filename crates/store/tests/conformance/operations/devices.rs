//! Devices of a scene: one that waits for an answer, and one that was let in.

use counterfoil_domain::app::{AppChange, DeviceFlow};
use counterfoil_domain::authorization::TokenLimits;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::key::DigestKey;
use counterfoil_domain::oauth::{DeviceAnswer, UserCode, UserCodeDigest, WaitingDevice};
use counterfoil_domain::principal::Attribution;
use counterfoil_store::{DeviceAsked, DeviceRedemption, NewDevice};

use crate::world::set;

use super::{Came, Scene, came};

const WAITS: &str = "BCDFGHJK";
const LET_IN: &str = "LMNPQRST";

impl Scene<'_> {
    pub(super) async fn prepare_devices(&self) {
        let (store, robot) = (self.store, self.robot.summary.id);
        let change = AppChange {
            device_flow: Some(DeviceFlow::Enabled),
            ..AppChange::default()
        };
        let changed = store.change_app(robot, change, self.world.operator());
        changed.await.expect("the app is there");
        for letters in [WAITS, LET_IN] {
            let new = NewDevice {
                digest: self.device_code(letters),
                user_code: self.user_code(letters),
                app: robot,
                scopes: set("gist"),
                address: "192.0.2.7".parse().expect("an address"),
                agent: None,
            };
            let asked = store.ask_for_device(new, self.world.now()).await;
            assert_eq!(asked.expect("it can be kept"), DeviceAsked::Waits);
            self.device(letters).await;
        }
        let (device, by) = (self.device(LET_IN).await, self.world.operator());
        let answer = DeviceAnswer::Approved;
        let answered = store.answer_device(device, (self.mona.id, self.of_mona), answer, by);
        answered.await.expect("it waits");
    }

    pub(super) async fn answer_device(&self, answer: DeviceAnswer, by: Attribution) -> Came {
        let (device, who) = (self.device(WAITS).await, (self.mona.id, self.of_mona));
        came(self.store.answer_device(device, who, answer, by).await)
    }

    pub(super) async fn redeem_device(&self, by: Attribution) -> Came {
        let poll = DeviceRedemption {
            digest: self.device_code(LET_IN),
            app: self.robot.summary.id,
            token: self.world.secret(),
            refresh: self.world.secret().digest,
            expires_at: None,
            limits: TokenLimits::default(),
            for_administrators: false,
        };
        came(self.store.poll_device(poll, by).await)
    }

    async fn device(&self, letters: &str) -> WaitingDevice {
        let (code, by) = (self.user_code(letters), (self.mona.id, self.of_mona));
        let named = self.store.name_device(code, by, self.world.now()).await;
        named.expect("it can be read").expect("it waits")
    }

    fn device_code(&self, letters: &str) -> SecretDigest {
        SecretDigest::of(&format!("{letters}{}", self.mona.id))
    }

    /// Of the letters, and of the scene by the key.
    fn user_code(&self, letters: &str) -> UserCodeDigest {
        let mut key = [7; 32];
        key[..8].copy_from_slice(&self.mona.id.0.to_be_bytes());
        let key = DigestKey::from_bytes(&key).expect("32 bytes");
        let code = UserCode::parse(letters).expect("eight letters");
        code.digest(&key)
    }
}
