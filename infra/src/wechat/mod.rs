//! WeChat: the real server API over HTTP, and a stand-in for development.
